import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './asyncapi.ts';
import { jsonSchemas } from './json-schemas.ts';
import { profileJsonSchema } from './profile-schema.ts';
import { profileSourceSchema, siteFileSchema } from './profile-source-schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every generated file by its path from the project's root, as it must stand in the repository. */
export function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of jsonSchemas()) {
    files.set(`contract/generated/schemas/${name}.schema.json`, asText(schema));
  }
  files.set('contract/generated/asyncapi.json', asText(asyncApiDocument()));
  files.set('device-profiles/schema/profile.schema.json', asText(profileJsonSchema()));
  files.set('device-profiles/schema/profile-source.schema.json', asText(profileSourceSchema()));
  files.set('device-profiles/schema/site.schema.json', asText(siteFileSchema()));
  return files;
}

const asText = (document: object): string => `${JSON.stringify(document, null, 2)}\n`;

/** `node scripts/generate/contract.ts` writes them. */
if (import.meta.main) {
  rmSync(`${root}contract/generated`, { recursive: true, force: true });
  mkdirSync(`${root}contract/generated/schemas`, { recursive: true });
  mkdirSync(`${root}device-profiles/schema`, { recursive: true });
  for (const [path, text] of generatedFiles()) writeFileSync(root + path, text);
}
