import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import t from 'tap';
import { parse } from 'yaml';
import { Zone } from '#agent/ports/vision-zones.ts';
import { zoneProblems } from '#agent/profile/zone-problems.ts';
import {
  areaOf,
  crossesItself,
  type DrawnZone,
  problemsOf,
  yamlOf,
} from '#scripts/cameras/page/drawn-zone.ts';
import { zonesPng, zonesSvg } from '#scripts/cameras/zone-drawing.ts';
import { zoneEditorPage } from '#scripts/cameras/zone-editor.ts';
import { figuresOf } from '#scripts/cameras/zone-figures.ts';
import { tinyCameraProfile } from '#test/support/tiny-profile.ts';

const picture = { width: 320, height: 180, data: new Uint8Array(320 * 180).fill(120) };
const zones = [
  {
    name: 'floor',
    kind: 'watch',
    polygon: [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ],
  },
  {
    name: 'bins',
    kind: 'ignore',
    polygon: [
      [0.5, 0.5],
      [1, 0.5],
      [1, 1],
      [0.5, 1],
    ],
  },
  {
    name: 'wall',
    kind: 'dwell',
    dwellS: 15,
    polygon: [
      [0, 0],
      [0.4, 0],
      [0.4, 0.4],
    ],
  },
].map((zone) => Zone.parse(zone));

const run = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/cli.ts', 'camera', 'zones', ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });

t.test('the figures say what each zone has, where its word holds, and what is never judged', async (t) => {
  const { zones: rows, watchedShare, overlaps, remarks } = figuresOf(zones, 60);
  t.match(rows, [
    { name: 'floor', dwellS: 60, share: 0.5, ownShare: 0.25 },
    { name: 'bins', dwellS: null, share: 0.25, ownShare: 0.25 },
    { name: 'wall', dwellS: 15, ownShare: 0 },
  ]);
  t.equal(watchedShare, 0.25);
  t.same(overlaps, [{ zones: ['floor', 'bins'], share: 0.25 }]);
  t.match(remarks, [/^wall changes next to nothing: a dwell zone makes nothing watched/]);
});

t.test('zones are listed without any camera, as words and as JSON lines', async (t) => {
  const file = tinyCameraProfile(t.testdir(), JSON.stringify(zones));
  const { status, stdout } = run('--profile', file);
  t.equal(status, 0);
  t.match(stdout, /floor +watch +60 s +50\.0 % +25\.0 %/);
  t.match(stdout, /never judged: 75\.0 %/);
  const lines = run('--profile', file, '--json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(lines[0], { zone: 'floor', kind: 'watch', dwellS: 60, share: 0.5 });
  t.match(lines.at(-1), { watchedShare: 0.25 });
});

t.test('a camera without zones is watched as a whole, and that is said in words', async (t) => {
  const { status, stdout } = run('--profile', tinyCameraProfile(t.testdir(), '[]'));
  t.equal(status, 0);
  t.equal(stdout, 'no zones: the whole picture is watched, with a dwell time of 60 s\n');
});

t.test('zones that cannot be right are refused with file, line and what would be right', async (t) => {
  const file = tinyCameraProfile(
    t.testdir(),
    '[{ name: a, kind: watch, polygon: [[0, 0], [1, 1], [1, 0], [0, 1]] }]',
  );
  const { status, stderr } = run('--profile', file);
  t.equal(status, 1);
  t.match(stderr, /p\.yaml:20 camera\.zones\[0\]\.polygon: crosses itself.*\[WP2465\]/);
});

t.test('wrong use is told with what would be right', async (t) => {
  t.match(run(), { status: 2, stderr: /--profile FILE, or --input/ });
  t.match(run('--input', 'test://', '--out', 'x.jpg'), { status: 2, stderr: /\.svg, \.png, \.html/ });
  const nowhere = join(t.testdir(), 'none', 'zones.svg');
  t.match(run('--input', 'test://', '--out', nowhere), { status: 1, stderr: /WP5061/ });
});

t.test('a picture of the camera is drawn on, and only that file is written', async (t) => {
  const folder = t.testdir();
  const file = tinyCameraProfile(folder, JSON.stringify(zones));
  const out = join(folder, 'zones.svg');
  const { status, stderr } = run('--profile', file, '--out', out, '--after', '3');
  if (status === 1 && /WP2401/.test(stderr)) return t.pass('', { skip: 'no GStreamer on this machine' });
  t.equal(status, 0, stderr);
  t.equal(statSync(out).mode & 0o777, 0o600);
  const svg = readFileSync(out, 'utf8');
  t.match(svg, /<polygon id="floor"/);
  t.match(svg, /floor \(watch, 60 s\)/);
  t.match(svg, /bins \(ignore\)/);
});

t.test('the drawing holds the picture, and its outlines are seen on any ground', async (t) => {
  const encoded = /base64,([^"]+)"/.exec(zonesSvg(picture, zones, 60))?.[1] ?? '';
  t.match(decode(Buffer.from(encoded, 'base64')), { width: 320, height: 180, channels: 1 });
  const { data } = decode(zonesPng(picture, zones));
  t.ok(data.includes(255) && data.includes(0));
});

t.test('the page holds all it needs, calls nobody, and what is in a name stays text', async (t) => {
  const page = await zoneEditorPage({ picture, zones, dwellS: 60, title: '<script>alert(1)</script>' });
  t.match(page, /default-src 'none'/);
  t.notMatch(page, /<script>alert/);
  t.notMatch(page, /\b(src|href)="(?!data:)/);
  t.ok(page.length < 200_000, `${page.length} characters`);
});

const drawn: DrawnZone[] = [
  {
    name: 'floor',
    kind: 'watch',
    dwellS: '',
    polygon: [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ],
  },
  {
    name: 'quick',
    kind: 'dwell',
    dwellS: '15',
    polygon: [
      [0.1, 0.6],
      [0.33333, 0.6],
      [0.3, 0.9],
    ],
  },
];

t.test('what the page says to copy is what a profile takes', async (t) => {
  const { zones: copied } = parse(yamlOf(drawn));
  const taken = Zone.array().parse(copied);
  t.match(taken[1], {
    name: 'quick',
    kind: 'dwell',
    dwellS: 15,
    polygon: [
      [0.1, 0.6],
      [0.333, 0.6],
      [0.3, 0.9],
    ],
  });
  t.same(zoneProblems(taken), []);
  t.same(parse(yamlOf([])), { zones: [] });
  t.same(problemsOf(drawn), []);
});

t.test('the page finds the problems that a profile would be refused for', async (t) => {
  const bowTie: DrawnZone['polygon'] = [
    [0, 0],
    [1, 1],
    [1, 0],
    [0, 1],
  ];
  t.equal(crossesItself(bowTie), true);
  t.equal(crossesItself(drawn[0]?.polygon ?? []), false);
  t.equal(areaOf(drawn[0]?.polygon ?? []), 0.5);
  const [first, second] = drawn;
  if (first === undefined || second === undefined) return;
  t.match(problemsOf([{ ...first, polygon: bowTie }]), [/crosses itself/]);
  t.match(
    problemsOf([
      {
        ...first,
        polygon: [
          [0, 0],
          [0.001, 0],
          [0, 0.001],
        ],
      },
    ]),
    [/too small/],
  );
  t.match(problemsOf([{ ...second, dwellS: '' }]), [/needs a dwell time/]);
  t.match(problemsOf([{ ...second, dwellS: '0' }]), [/1 to 3600/]);
  t.match(problemsOf([first, first]), [/used twice/]);
  t.match(problemsOf([{ ...first, name: 'Großer Saal' }]), [/1 to 32 of/]);
});

t.notOk(existsSync('zones.html'), 'nothing is left in the project');
