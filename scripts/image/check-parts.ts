import type { Findings } from './findings.ts';
import { PLUGINS, PROGRAMS } from './system-parts.ts';
import type { TrialRun } from './trial.ts';

const SHOWN = 300;
const PLUGIN_DIR = '/usr/lib/aarch64-linux-gnu/gstreamer-1.0';
const MODULES = ['better-sqlite3', 'gstreamer-superficial', 'serialport', 'onnxruntime-node', 'johnny-five'];
const CODECS =
  'videotestsrc num-buffers=5 ! openh264enc ! h264parse ! openh264dec ! videoconvert ! vp8enc ! webmmux ! fakesink';

/** What a device would miss only on the day that its profile names it; each in the container that runs. */
export async function checkParts(trial: TrialRun, findings: Findings): Promise<void> {
  const check = async (what: string, commands: readonly (readonly string[])[]) => {
    const failures: string[] = [];
    for (const command of commands) {
      const { code, said } = await trial.exec(command);
      if (code !== 0) failures.push(`${command.join(' ').slice(0, SHOWN)}: ${said.slice(-SHOWN)}`);
    }
    const seen = failures.length === 0 ? `${commands.length} of ${commands.length}` : failures.join('; ');
    findings.add({ what, holds: failures.length === 0, seen });
  };
  await check(
    'programs start',
    PROGRAMS.map((path) => [`/${path}`, path.includes('gst-') ? '--gst-version' : '--version']),
  );
  await check(
    'GStreamer plugins load',
    Object.values(PLUGINS)
      .flat()
      .map((name) => ['gst-inspect-1.0', `${PLUGIN_DIR}/libgst${name}.so`]),
  );
  await check('H.264 is decoded, and VP8 written', [['gst-launch-1.0', '-q', ...CODECS.split(' ')]]);
  await check('native modules load', [
    ...MODULES.map((name) => ['node', '-e', `require('${name}'); process.exit()`]),
    ['node', '-e', "require('/opt/watchpost/.cache/native/linux-arm64/watchpost.node').chip.name"],
  ]);
  await check('the page of a kiosk is there', [
    [
      '/bin/sh',
      '-c',
      'cd /opt/watchpost/.cache/kiosk && test -s index.html && ls assets/kiosk-*.js assets/kiosk-*.css',
    ],
  ]);
  await checkCompileCache(trial, findings);
}

/** That the code which was compiled into the image is used, by a user who could not write it. */
async function checkCompileCache(trial: TrialRun, findings: Findings): Promise<void> {
  const { said } = await trial.exec([
    ...['env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE', 'node', '--max-semi-space-size=1', '--optimize-for-size'],
    ...['--import=/opt/watchpost/agent/lean-modules.ts', '/opt/watchpost/agent/main.ts', '--help'],
  ]);
  const count = (pattern: RegExp) => said.match(pattern)?.length ?? 0;
  const [accepted, rejected] = [
    count(/code cache for .* was accepted/g),
    count(/code cache for .* was rejected/g),
  ];
  findings.add({
    what: 'the compile cache is used',
    holds: accepted > 100 && rejected === 0,
    seen: `${accepted} modules taken from it, ${rejected} refused`,
  });
}
