/** Makes a value when it is first asked for: statements are prepared once, but not in a constructor. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
