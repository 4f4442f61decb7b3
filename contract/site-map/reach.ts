import type { RouteNode, SiteMap } from './site-map.ts';

/**
 * Ids of nodes outside the largest part of the graph in which every node can be reached from every other, whatever the
 * vehicle; in the order of the LIF.
 */
export function cutOff({ nodes, edges }: Pick<SiteMap, 'nodes' | 'edges'>): string[] {
  const ahead = new Map<string, string[]>();
  const back = new Map<string, string[]>();
  for (const { from, to } of edges.values()) {
    push(ahead, from.id, to.id);
    push(back, to.id, from.id);
  }
  const rest = new Set([...nodes.values()].map(({ id }: RouteNode) => id));
  let largest: ReadonlySet<string> = new Set();
  while (rest.size > largest.size) {
    const [seed = ''] = rest;
    const backwards = reached(seed, back);
    const part = new Set([...reached(seed, ahead)].filter((id) => backwards.has(id)));
    if (part.size > largest.size) largest = part;
    for (const id of part) rest.delete(id);
  }
  return [...nodes.keys()].filter((id) => !largest.has(id));
}

function reached(seed: string, neighbours: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set([seed]);
  for (const id of seen) for (const next of neighbours.get(id) ?? []) seen.add(next);
  return seen;
}

function push(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
