import { wordsIn } from '../words.ts';

interface EmergencyCallProps {
  readonly language: string | null;
  readonly number: string;
}

/** The number to call, in the digits that stand on telephones. */
export function EmergencyCall({ language, number }: EmergencyCallProps) {
  return (
    <p class="call">
      <span>{wordsIn(language).call}</span>
      <strong dir="ltr">{number}</strong>
    </p>
  );
}
