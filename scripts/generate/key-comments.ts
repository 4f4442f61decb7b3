import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** An expression and the file it stands in, where its names are looked up. */
interface Found {
  readonly expression: ts.Expression;
  readonly file: string;
}

const Schema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

/**
 * Gives the keys of a JSON Schema the comments that stand beside them in the source, so that editors show them:
 * `name` is the constant in `file` (from the project's root) that the schema was made of.
 */
export function withComments(schema: unknown, file: string, name: string): unknown {
  const found = declared(file, name);
  return found === null ? schema : commented(schema, found);
}

function commented(schema: unknown, found: Found): unknown {
  const parsed = Schema.safeParse(schema);
  if (!parsed.success) return schema;
  const { properties, items, ...rest } = parsed.data;
  const keys = keysOf(found);
  const inner = Object.entries(properties ?? {}).map(([key, value]) => {
    const known = keys.get(key);
    return [key, known === undefined ? value : { ...known.comment, ...Object(commented(value, known)) }];
  });
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(inner) }),
    ...(items === undefined ? {} : { items: commented(items, found) }),
  };
}

type Key = Found & { readonly comment: { readonly description?: string } };

/** The keys of the object that an expression makes a schema of, those of what is spread into it first. */
function keysOf(found: Found): Map<string, Key> {
  const keys = new Map<string, Key>();
  const object = objectOf(found);
  if (object === null) return keys;
  const { literal, file } = object;
  for (const property of literal.properties) {
    if (ts.isSpreadAssignment(property))
      for (const [key, value] of keysOf({ expression: property.expression, file })) keys.set(key, value);
    const name = property.name?.getText() ?? '';
    const expression = ts.isPropertyAssignment(property)
      ? property.initializer
      : ts.isShorthandPropertyAssignment(property)
        ? property.name
        : null;
    if (expression !== null) keys.set(name, { expression, file, comment: commentOf(property) });
  }
  return keys;
}

/** Through `.default(…)`, `z.array(…)` and names: the object literal at the bottom. */
function objectOf({ expression, file }: Found): { literal: ts.ObjectLiteralExpression; file: string } | null {
  if (ts.isObjectLiteralExpression(expression)) return { literal: expression, file };
  if (ts.isIdentifier(expression)) {
    const found = declared(file, expression.text);
    return found === null ? null : objectOf(found);
  }
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) return null;
  const { expression: receiver, name } = expression.expression;
  const [first] = expression.arguments;
  const makes = ['strictObject', 'looseObject', 'object', 'array'].includes(name.text);
  if (makes && first !== undefined) return objectOf({ expression: first, file });
  return objectOf({ expression: receiver, file });
}

function commentOf(property: ts.Node): Key['comment'] {
  const text = ts
    .getJSDocCommentsAndTags(property)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return text === '' ? {} : { description: text };
}

/** The constant of that name, where it is declared: in the file, or in one that it is imported from. */
function declared(file: string, name: string): Found | null {
  for (const statement of parsed(file).statements) {
    if (ts.isVariableStatement(statement)) {
      const declaration = statement.declarationList.declarations.find((each) => each.name.getText() === name);
      if (declaration?.initializer !== undefined) return { expression: declaration.initializer, file };
    }
    if (ts.isImportDeclaration(statement)) {
      const from = importedFrom(statement, name);
      const target = from === null ? null : targetOf(file, from);
      if (target !== null) return declared(target, name);
    }
  }
  return null;
}

function importedFrom({ importClause, moduleSpecifier }: ts.ImportDeclaration, name: string): string | null {
  const bindings = importClause?.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings) || !ts.isStringLiteral(moduleSpecifier))
    return null;
  return bindings.elements.some((element) => element.name.text === name) ? moduleSpecifier.text : null;
}

/** From the project's root; null for a package. */
function targetOf(file: string, specifier: string): string | null {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? join(dirname(file), specifier) : null;
}

const parsedFiles = new Map<string, ts.SourceFile>();

function parsed(file: string): ts.SourceFile {
  const known = parsedFiles.get(file);
  if (known !== undefined) return known;
  const fresh = ts.createSourceFile(
    file,
    readFileSync(join(ROOT, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  parsedFiles.set(file, fresh);
  return fresh;
}
