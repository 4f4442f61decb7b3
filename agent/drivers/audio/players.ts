import type { AudioOutput } from './config.ts';

type Command = readonly [command: string, ...args: string[]];

/** A program that plays sound, and the one that says whether there is anything to play it on. */
export interface Player {
  readonly output: AudioOutput;
  /** What it is given on standard input: 16-bit mono samples alone, or with the header of a WAV file before them. */
  readonly takes: 'samples' | 'wav';
  /** Whether it plays beside another: sound servers put sounds together, a card is held by one program. */
  readonly mixes: boolean;
  /** Exits 0 when the sound server or card answers. */
  probe(device: string | undefined): Command;
  /** What a probe that exits 0 shows to be missing all the same, or null. */
  lacks(shown: string, device: string | undefined): string | null;
  command(sampleRate: number, device: string | undefined): Command;
}

/** In the order that `auto` tries them. */
export const PLAYERS: readonly Player[] = [
  {
    output: 'pulse',
    takes: 'samples',
    mixes: true,
    probe: () => ['pactl', 'list', 'short', 'sinks'],
    lacks: missingSink,
    // So much is in the server ahead of what is heard: it hides stalls of this length, and does not make the first
    // sound later (median 13 ms on a null sink with 20, 60, 100 and 200 ms; gaps in 6 s of a tone: 45 ms and more, or none).
    command: (sampleRate, device) => [
      ...(['paplay', '--latency-msec=200', '--raw', '--format=s16le', '--channels=1'] as const),
      `--rate=${sampleRate}`,
      ...option('--device', device),
    ],
  },
  {
    output: 'pipewire',
    takes: 'wav',
    mixes: true,
    probe: () => ['pw-cli', 'list-objects', 'Node'],
    lacks: missingNode,
    // pw-play of PipeWire 0.3 takes no raw samples, plays what comes by `-` for a fifth of a second only, and cannot open
    // the socket that standard input is here. A real pipe by its name it plays to its end. The shell becomes the player.
    command: (_sampleRate, device) => [
      ...(['bash', '-c', 'exec pw-play "$@" <(exec cat)', 'pw-play', '--latency=200ms'] as const),
      ...option('--target', device),
    ],
  },
  {
    output: 'alsa',
    takes: 'samples',
    mixes: false,
    // `aplay -l` exits 0 on a machine without a card: only opening the device tells. Nothing is heard of no samples.
    probe: (device) => [...rawAplay(22_050, device), '/dev/null'],
    lacks: () => null,
    command: (sampleRate, device) => [...rawAplay(sampleRate, device), '-'],
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

/** `shown`: the properties of each node, one a line; those that are heard have the class Audio/Sink. */
function missingNode(shown: string, device: string | undefined): string | null {
  const nodes = shown.split(/^\s*id \d+,/m).filter((node) => node.includes('media.class = "Audio/Sink"'));
  const names = nodes.flatMap((node) => /node\.name = "(.*)"/.exec(node)?.slice(1) ?? []);
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
