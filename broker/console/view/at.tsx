import { timeOf } from '../words/format.ts';
import { useConsole } from './console-context.ts';

/** A point in time in words of the language, exact in the markup. */
export function At({ at }: { readonly at: string | number }) {
  const { words, clock } = useConsole();
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return <>–</>;
  return <time dateTime={date.toISOString()}>{timeOf(words.language, at, clock.wallMs())}</time>;
}
