import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { WatchpostError } from '#contract/errors.ts';
import { collect } from '#scripts/image/collect.ts';
import { needsOf } from '#scripts/image/elf.ts';
import { PLUGINS, PROGRAMS } from '#scripts/image/system-parts.ts';

const readelf = existsSync('/usr/bin/readelf') ? false : 'readelf (Debian: binutils) is not there';

t.test('an ELF file needs what readelf says of it', { skip: readelf }, async (t) => {
  for (const file of [process.execPath, '/bin/sh', '/usr/bin/env']) {
    const shown = execFileSync('readelf', ['-d', file], { encoding: 'utf8' });
    const expected = [...shown.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = '']) => name);
    t.ok(expected.length > 0);
    t.strictSame(needsOf(readFileSync(file))?.libraries, expected, file);
  }
});

t.test('what is no ELF file of 64 bits needs nothing that could be told', async (t) => {
  t.equal(needsOf(Buffer.from('#!/bin/sh\n')), null);
  t.equal(needsOf(Buffer.alloc(0)), null);
  const of32 = Buffer.alloc(80);
  of32.write('\x7fELF\x01\x01', 'latin1');
  t.equal(needsOf(of32), null);
});

/** A package `tool` with a program that needs libraries, by way of a link in a package `libtool`. */
function pool(t: Test) {
  const dir = t.testdir();
  const put = (path: string, text = path) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  const program = join(dir, 'pool/tool/bin/tool');
  mkdirSync(dirname(program), { recursive: true });
  copyFileSync('/usr/bin/env', program);
  const [library = ''] = needsOf(readFileSync(program))?.libraries ?? [];
  put(`pool/libtool/lib/there/${library}.1`);
  symlinkSync(`${library}.1`, join(dir, `pool/libtool/lib/there/${library}`));
  put('pool/libtool/usr/share/doc/libtool/copyright');
  put('pool/tool/usr/share/doc/tool/copyright');
  put('pool/tool/usr/share/tool/a/data');
  put('pool/other/usr/bin/other');
  mkdirSync(join(dir, 'base'));
  const place = {
    poolDir: join(dir, 'pool'),
    baseDir: join(dir, 'base'),
    outDir: join(dir, 'out'),
    libraryDirs: ['usr/lib/there'],
  };
  return { place, library, put };
}

t.test(
  'a program comes with its libraries through links, folders whole, and notices; nothing else',
  async (t) => {
    const { place, library } = pool(t);
    const { files, packages } = collect(['usr/bin/tool', 'usr/share/tool'], place);
    t.strictSame(packages, ['libtool', 'tool']);
    t.strictSame(files, [
      'usr/bin/tool',
      `usr/lib/there/${library}`,
      `usr/lib/there/${library}.1`,
      'usr/share/doc/libtool/copyright',
      'usr/share/doc/tool/copyright',
      'usr/share/tool/a/data',
    ]);
    t.equal(readlinkSync(join(place.outDir, 'usr/lib/there', library)), `${library}.1`);
    for (const file of files) t.ok(existsSync(join(place.outDir, file)), file);
  },
);

t.test('what the base image has is not brought again', async (t) => {
  const { place, library, put } = pool(t);
  put(`base/usr/lib/there/${library}`);
  const without = { ...place, poolDir: join(place.poolDir, '..', 'pool2') };
  mkdirSync(join(without.poolDir, 'tool/usr/bin'), { recursive: true });
  copyFileSync('/usr/bin/env', join(without.poolDir, 'tool/usr/bin/tool'));
  t.strictSame(collect(['usr/bin/tool'], without).files, ['usr/bin/tool']);
});

t.test('what is nowhere is told with who needs it, at once', async (t) => {
  const { place, library } = pool(t);
  const fails = (wanted: string, libraryDirs: readonly string[], detail: string) => {
    t.throws(() => collect([wanted], { ...place, libraryDirs }), { code: 'WP5065', detail }, detail);
  };
  fails('usr/bin/tool', ['usr/lib/elsewhere'], `${library} (usr/bin/tool)`);
  fails('usr/bin/absent', ['usr/lib/there'], 'usr/bin/absent (wanted)');
  t.ok(new WatchpostError('WP5065').hint.includes('PACKAGES'));
});

t.test('every element that a pipeline of the project names is in a plugin of the image', async (t) => {
  const text = ['launch.ts', 'launch-source.ts', 'film-encoder.ts']
    .map((name) => readFileSync(new URL(`../../../agent/drivers/gstreamer/${name}`, import.meta.url), 'utf8'))
    .join('\n');
  const plugins = new Set(Object.values(PLUGINS).flat());
  const elements: Record<string, string> = {
    ...{ fdsink: 'coreelements', fdsrc: 'coreelements', filesink: 'coreelements', identity: 'coreelements' },
    ...{ uridecodebin: 'playback', videoconvert: 'videoconvertscale', videorate: 'videorate' },
    ...{ videoscale: 'videoconvertscale', videotestsrc: 'videotestsrc', pnmenc: 'pnm' },
    ...{ rawvideoparse: 'rawparse', vp8enc: 'vpx', webmmux: 'matroska' },
  };
  for (const [element, plugin] of Object.entries(elements)) {
    t.ok(text.includes(element), `${element} is still used`);
    t.ok(plugins.has(plugin), plugin);
  }
  const inspect = '/usr/bin/gst-inspect-1.0';
  if (!existsSync(inspect)) return;
  for (const [element, plugin] of Object.entries(elements)) {
    const shown = execFileSync(inspect, [element], { encoding: 'utf8' });
    t.match(shown, `libgst${plugin}.so`, `${element} is in ${plugin}`);
  }
});

t.test('every program that the agent starts by name is in the image', async (t) => {
  const names = PROGRAMS.map((path) => path.slice('usr/bin/'.length));
  for (const name of [
    'aplay',
    'arecord',
    'busctl',
    'gst-launch-1.0',
    'gst-discoverer-1.0',
    'pactl',
    'paplay',
    'parec',
  ])
    t.ok(
      names.some((program) => program === name),
      name,
    );
});
