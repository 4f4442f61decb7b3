/**
 * The four functions of the metadata proposal that @peculiar/x509 looks for when it is loaded; it ships none, and no
 * other package of ours needs them.
 */
const kept = new WeakMap<object, Map<unknown, unknown>>();

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = kept.get(target) ?? new Map<unknown, unknown>();
  kept.set(target, own.set(key, value));
}

const getOwnMetadata = (key: unknown, target: object): unknown => kept.get(target)?.get(key);

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    if (kept.get(at)?.has(key)) return getOwnMetadata(key, at);
  }
  return undefined;
}

const hasMetadata = (key: unknown, target: object): boolean => getMetadata(key, target) !== undefined;

Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata, hasMetadata });
