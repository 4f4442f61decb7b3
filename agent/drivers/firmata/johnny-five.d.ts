/** As much of johnny-five 2.1 and firmata-io as is used here; they bring no types of their own. */
declare module 'johnny-five' {
  import type { EventEmitter } from 'node:events';

  export interface FirmataPin {
    readonly supportedModes: readonly number[];
  }

  export interface FirmataIo extends EventEmitter {
    readonly pins: readonly FirmataPin[];
    /** Pin numbers by analog channel. */
    readonly analogPins: readonly number[];
    readonly MODES: Readonly<Record<'INPUT' | 'OUTPUT' | 'ANALOG' | 'PWM' | 'PULLUP' | 'SERVO', number>>;
    readonly RESOLUTION: { readonly ADC: number | null; readonly PWM: number | null };
    readonly firmware: { readonly name?: string };
    readonly reportVersionTimeoutId: NodeJS.Timeout;
    reset(): void;
    reportVersion(then: () => void): void;
    queryFirmware(then: () => void): void;
    reportDigitalPin(pin: number, value: 0 | 1): void;
    reportAnalogPin(channel: number, value: 0 | 1): void;
    updateDigitalPort(pin: number, value: 0 | 1): number;
  }

  export class Board extends EventEmitter {
    static readonly cache: Board[];
    constructor(options: {
      readonly port: object;
      readonly repl: boolean;
      readonly debug: boolean;
      readonly sigint: boolean;
    });
    readonly io: FirmataIo;
    readonly timer: NodeJS.Timeout | null;
    pinMode(pin: number, mode: number): this;
    digitalWrite(pin: number, value: 0 | 1): this;
    pwmWrite(pin: number, value: number): this;
    servoConfig(pin: number, minUs: number, maxUs: number): this;
    servoWrite(pin: number, degrees: number): this;
  }

  const johnnyFive: { readonly Board: typeof Board };
  // biome-ignore lint/style/noDefaultExport: what the package is
  export default johnnyFive;
}
