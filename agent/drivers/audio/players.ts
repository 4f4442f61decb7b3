import type { AudioOutput } from './config.ts';

/** A program that plays a WAV file, and the one that says whether there is anything to play it on. */
export interface Player {
  readonly output: AudioOutput;
  /** Exits 0 when the sound server or card answers. */
  readonly probe: readonly [command: string, ...args: string[]];
  command(file: string, device: string | undefined): readonly [command: string, ...args: string[]];
}

/** In the order that `auto` tries them. */
export const PLAYERS: readonly Player[] = [
  {
    output: 'pulse',
    probe: ['pactl', 'info'],
    // Without --latency-msec PulseAudio buffers up to 2 s; with 20 the first sound came after 37 ms.
    command: (file, device) => ['paplay', '--latency-msec=20', ...option('--device', device), file],
  },
  {
    output: 'pipewire',
    probe: ['pw-cli', 'info', '0'],
    command: (file, device) => ['pw-play', '--latency=20ms', ...option('--target', device), file],
  },
  {
    output: 'alsa',
    probe: ['aplay', '-l'],
    command: (file, device) => ['aplay', '-q', ...(device === undefined ? [] : ['-D', device]), file],
  },
];

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}
