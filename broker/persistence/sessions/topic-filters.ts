/** Whether an MQTT filter matches a topic (MQTT 3.1.1 §4.7); a leading wildcard never matches `$…` [MQTT-4.7.2-1]. */
export function filterMatches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const given = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= given.length || (level !== '+' && level !== given[index])) return false;
  }
  return wanted.length === given.length;
}

interface Node<T> {
  readonly children: Map<string, Node<T>>;
  /** By owner (client id). */
  readonly values: Map<string, T>;
}

const emptyNode = <T>(): Node<T> => ({ children: new Map(), values: new Map() });

/** Filters by level, so that the sessions of a topic are found without looking at all of them. */
export class FilterTree<T> {
  readonly #root: Node<T> = emptyNode();
  #size = 0;

  /** How many (filter, owner) pairs there are. */
  get size(): number {
    return this.#size;
  }

  set(filter: string, owner: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = emptyNode();
        node.children.set(level, child);
      }
      node = child;
    }
    if (!node.values.has(owner)) this.#size += 1;
    node.values.set(owner, value);
  }

  delete(filter: string, owner: string): void {
    const path: [Node<T>, string][] = [];
    let node = this.#root;
    for (const level of filter.split('/')) {
      const child = node.children.get(level);
      if (child === undefined) return;
      path.push([node, level]);
      node = child;
    }
    if (node.values.delete(owner)) this.#size -= 1;
    prune(path);
  }

  match(topic: string): T[] {
    const found: T[] = [];
    collect(this.#root, topic.split('/'), 0, found);
    return found;
  }
}

function prune<T>(path: [Node<T>, string][]): void {
  for (const [parent, level] of path.reverse()) {
    const child = parent.children.get(level);
    if (child === undefined || child.values.size > 0 || child.children.size > 0) return;
    parent.children.delete(level);
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], depth: number, found: T[]): void {
  const wildcards = depth > 0 || !levels[0]?.startsWith('$');
  if (wildcards) found.push(...(node.children.get('#')?.values.values() ?? []));
  const level = levels[depth];
  if (level === undefined) {
    found.push(...node.values.values());
    return;
  }
  const one = wildcards ? node.children.get('+') : undefined;
  if (one !== undefined) collect(one, levels, depth + 1, found);
  const exact = node.children.get(level);
  if (exact !== undefined) collect(exact, levels, depth + 1, found);
}
