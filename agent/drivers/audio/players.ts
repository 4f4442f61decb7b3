import type { AudioOutput } from './config.ts';

type Command = readonly [command: string, ...args: string[]];

/** What a player is started for. */
export interface Sound {
  readonly file: string;
  readonly sampleRate: number;
  /** How much quieter than recorded, as a factor of the amplitude, 0 to 1. */
  readonly factor: number;
}

/** A program that plays sound, and the one that says whether there is anything to play it on. */
export interface Player {
  readonly output: AudioOutput;
  /** `samples`: 16-bit mono on standard input, made quieter before; `file`: it reads the file and does so itself. */
  readonly takes: 'samples' | 'file';
  /** Exits 0 when the sound server or card answers. */
  probe(device: string | undefined): Command;
  /** What a probe that exits 0 shows to be missing all the same, or null. */
  lacks(shown: string, device: string | undefined): string | null;
  command(sound: Sound, device: string | undefined): Command;
}

/** In the order that `auto` tries them. */
export const PLAYERS: readonly Player[] = [
  {
    output: 'pulse',
    takes: 'samples',
    probe: () => ['pactl', 'list', 'short', 'sinks'],
    lacks: missingSink,
    // So much is in the server ahead of what is heard: it hides stalls of this length, and does not make the first
    // sound later (median 13 ms on a null sink with 20, 60, 100 and 200 ms; gaps in 6 s of a tone: 45 ms and more, or none).
    command: ({ sampleRate }, device) => [
      ...(['paplay', '--latency-msec=200', '--raw', '--format=s16le', '--channels=1'] as const),
      `--rate=${sampleRate}`,
      ...option('--device', device),
    ],
  },
  {
    output: 'pipewire',
    // Of PipeWire 0.3 (Debian 12) pw-play takes no raw sound on standard input.
    takes: 'file',
    probe: () => ['pw-cli', 'info', '0'],
    lacks: () => null,
    command: ({ file, factor }, device) => [
      ...(['pw-play', '--latency=20ms', `--volume=${factor.toFixed(4)}`] as const),
      ...option('--target', device),
      file,
    ],
  },
  {
    output: 'alsa',
    takes: 'samples',
    // `aplay -l` exits 0 on a machine without a card: only opening the device tells. Nothing is heard of no samples.
    probe: (device) => [...rawAplay(22_050, device), '/dev/null'],
    lacks: () => null,
    command: ({ sampleRate }, device) => [...rawAplay(sampleRate, device), '-'],
  },
];

/** PulseAudio without any card has one sink of this name, which is heard by nobody. */
const DUMMY_SINK = 'auto_null';

/** `shown`: a line a sink, its name in the second column. */
function missingSink(shown: string, device: string | undefined): string | null {
  const names = shown.split('\n').flatMap((line) => line.split('\t').slice(1, 2));
  if (device !== undefined)
    return names.includes(device) ? null : `no sink ${device}, but: ${names.join(', ')}`;
  return names.some((name) => name !== DUMMY_SINK) ? null : 'the sound server has no sink that is heard';
}

function rawAplay(sampleRate: number, device: string | undefined): Command {
  const where = device === undefined ? [] : ['-D', device];
  return ['aplay', '-q', ...where, '-t', 'raw', '-f', 'S16_LE', '-c', '1', '-r', String(sampleRate)];
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}
