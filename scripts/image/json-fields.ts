/** An object of JSON whose fields are still unknown. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Read by hand and not by a schema: this runs before anything is installed. Empty for what is no object, a list among
 * them.
 */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

/** The fields that are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name, text]] : [],
    ),
  );
}
