import * as z from 'zod';
import type { ProfileProblem } from '#agent/profile/problem.ts';
import { profileJsonSchema } from '../generate/profile-schema.ts';
import { nearest } from './nearest.ts';

const Node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

/** A key that is misspelt gets the one that was meant, where that can be guessed. */
export function withSuggestion(problem: ProfileProblem): ProfileProblem {
  const { code, path, message } = problem;
  if (code !== 'WP4003' || !message.startsWith('is not a key')) return problem;
  const tokens = path.split(/[.[\]]+/).filter((token) => token !== '');
  const known = keysAt(tokens.slice(0, -1));
  const near = nearest(tokens.at(-1) ?? '', known);
  if (near !== null) return { ...problem, hint: `did you mean ${near}?` };
  return known.length === 0 ? problem : { ...problem, hint: `the keys here are ${known.join(', ')}` };
}

/** The keys that the schema of profiles has there. */
function keysAt(path: readonly string[]): string[] {
  let at: unknown = profileJsonSchema();
  for (const token of path) {
    const { properties, items } = Node.safeParse(at).data ?? {};
    at = /^\d+$/.test(token) ? items : properties?.[token];
  }
  return Object.keys(Node.safeParse(at).data?.properties ?? {});
}
