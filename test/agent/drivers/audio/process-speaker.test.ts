import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import type { Player } from '#agent/drivers/audio/players.ts';
import { ProcessSpeaker } from '#agent/drivers/audio/process-speaker.ts';
import { systemClock } from '#contract/clock.ts';
import { toneWav } from './sounds.ts';

const CLIP = join(t.testdir({ 'x.wav': toneWav(1000, 100) }), 'x.wav');
const never = () => new AbortController().signal;

const clock = systemClock;

function shell(script: string, probe: ReturnType<Player['probe']> = ['true']): ProcessSpeaker {
  const player: Player = {
    output: 'alsa',
    takes: 'samples',
    mixes: false,
    probe: () => probe,
    lacks: (shown) => (shown.startsWith('none') ? 'no card' : null),
    command: () => ['sh', '-c', script],
  };
  return new ProcessSpeaker({ clock, player });
}

t.test('a player that fails is WP2505 with what it said', async (t) => {
  await t.rejects(shell('echo "no such device" >&2; exit 3').play(CLIP, never()), {
    code: 'WP2505',
    message: /no such device/,
  });
});

t.test('a player that is not installed is WP2504 at start and WP2505 at play', async (t) => {
  const player: Player = {
    output: 'alsa',
    takes: 'samples',
    mixes: false,
    probe: () => ['watchpost-no-such-program'],
    lacks: () => null,
    command: () => ['watchpost-no-such-program'],
  };
  const speaker = new ProcessSpeaker({ clock, player });
  await t.rejects(speaker.start(), { code: 'WP2504' });
  await t.rejects(speaker.play(CLIP, never()), { code: 'WP2505' });
});

t.test('a probe that says no is WP2504, one that says yes is not', async (t) => {
  await t.rejects(shell('', ['sh', '-c', 'echo refused >&2; exit 1']).start(), {
    code: 'WP2504',
    message: /refused/,
  });
  await t.resolves(shell('', ['true']).start());
  await t.rejects(shell('', ['echo', 'none at all']).start(), { code: 'WP2504', message: /no card/ });
});

t.test('what a player floods its standard error with is kept short', async (t) => {
  const error: unknown = await shell('yes trouble | head -c 2000000 >&2; exit 1')
    .play(CLIP, never())
    .catch((cause: unknown) => cause);
  t.ok(error instanceof Error && error.message.length < 1000);
});

t.test('a stopped player is killed even if it ignores being asked, and stopping is no failure', async (t) => {
  const fifo = join(t.testdir(), 'alive');
  spawnSync('mkfifo', [fifo]);
  const stop = new AbortController();
  const playing = shell(`trap '' TERM; exec 9>${fifo}; sleep 5 & echo up >&9; exec sleep 60`).play(
    CLIP,
    stop.signal,
  );
  const reader = spawn('cat', [fifo]);
  await once(reader.stdout, 'data');
  stop.abort();
  await t.resolves(playing);
  t.equal(reader.exitCode, null, 'what the player left behind is not waited for');
  await once(reader, 'close');
});

t.test(
  'a player dies with an agent that is killed: no prompt outlives who knows if it is true',
  {
    skip: spawnSync('setpriv', ['--version']).status === 0 ? false : 'there is no setpriv',
  },
  async (t) => {
    const fifo = join(t.testdir(), 'alive');
    spawnSync('mkfifo', [fifo]);
    const script = `
    import { systemClock } from '${import.meta.resolve('#contract/clock.ts')}';
    import { ProcessSpeaker } from '${import.meta.resolve('#agent/drivers/audio/process-speaker.ts')}';
    const player = { output: 'alsa', takes: 'samples', mixes: false, probe: () => ['true'], lacks: () => null,
      command: () => ['sh', '-c', 'exec 9>${fifo}; echo up >&9; exec sleep 60'] };
    await new ProcessSpeaker({ clock: systemClock, player }).play('${CLIP}', new AbortController().signal);`;
    const reader = spawn('cat', [fifo]);
    const agent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    await once(reader.stdout, 'data');
    agent.kill('SIGKILL');
    await once(reader, 'close');
    t.pass('the pipe that only the player held open was closed');
  },
);

t.test('a play that was stopped before it began plays nothing', async (t) => {
  const marker = join(t.testdir(), 'played');
  await shell(`touch ${marker}`).play(CLIP, AbortSignal.abort());
  t.equal(spawnSync('test', ['-e', marker]).status, 1);
});
