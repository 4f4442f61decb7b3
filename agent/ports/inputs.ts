import type { WatchpostError } from '#contract/errors.ts';

export const INPUT_KINDS = ['button', 'tamper', 'duress', 'door', 'guidance'] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** True for a contact that raises alarms; the release of a door and a visitor's button do not. */
export const isAlarmInput = ({ kind }: { readonly kind: InputKind }): boolean =>
  kind !== 'door' && kind !== 'guidance';

/** A change of a contact after the driver's debounce. `closed` means pressed (button) or opened (tamper). */
export interface ContactEdge {
  readonly active: boolean;
  /** ms since boot, from the kernel where it stamps edges. */
  readonly atMonoMs: number;
  /** Raw edges folded into this one. */
  readonly edges: number;
}

/** Who hears of a contact from its start to its close. */
export interface ContactListener {
  edge(edge: ContactEdge): void;
  /** It is no longer read: a board unplugged, a line taken away, a circuit cut or shorted. `error` is WP23xx. */
  lost(error: WatchpostError): void;
  /** It is read again, with this level. */
  back(active: boolean): void;
}

/** A button, tamper switch, duress pedal; or, raising no alarm, what releases a door or a button of a visitor's. */
export interface ContactInput {
  readonly name: string;
  readonly kind: InputKind;
  /** Starts reading; resolves with the level found, or null when that takes longer: `back` or `lost` tells it then. */
  start(listener: ContactListener): Promise<boolean | null>;
  close(): Promise<void>;
}

/** Something that is read now and then: temperature, humidity, smoke density, battery voltage. */
export interface Sensor {
  readonly name: string;
  readonly unit: string;
  start(): Promise<void>;
  /** Rejects with WP23xx when the reading is not to be had. */
  read(): Promise<number>;
  close(): Promise<void>;
}
