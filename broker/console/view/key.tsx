/** The key of a button, for eyes alone: `aria-keyshortcuts` tells it to everybody else. */
export function Key({ name }: { readonly name: string }) {
  return (
    <span class="key" aria-hidden="true">
      {name}
    </span>
  );
}
