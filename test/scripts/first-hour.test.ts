import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as z from 'zod';
import { asciicast } from '#scripts/session/asciicast.ts';
import { COMMANDS } from '#scripts/session/first-hour.ts';
import { commandsOf, sessionOf, withSession } from '#scripts/session/page.ts';
import { Screen } from '#scripts/session/screen.ts';
import { terminalPicture } from '#scripts/session/terminal-picture.ts';
import { ROOT } from '#scripts/site/demo-site.ts';

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
/** What was recorded: all of a file that holds nothing else. */
const shownIn = (page: string): string => sessionOf(page) ?? page;
const Event = z.tuple([z.number(), z.literal('o'), z.string()]);

t.test('README, page and recording show the same six commands, and how they end', async (t) => {
  t.equal(COMMANDS.length, 6);
  for (const name of ['README.md', 'docs/first-hour.md']) {
    t.same(commandsOf(read(name)), COMMANDS, name);
    t.match(read(name), /PASSED: (\d+) of \1 steps passed/, name);
  }
  const [header = '', ...events] = read('docs/first-hour.cast').trimEnd().split('\n');
  t.match(JSON.parse(header), { version: 2, width: Number, height: Number });
  const all = events.map((line) => Event.parse(JSON.parse(line)));
  t.same(
    all.map(([atS]) => atS),
    all.map(([atS]) => atS).toSorted((one, other) => one - other),
    'in order of time',
  );
  t.match(all.map(([, , text]) => text).join(''), /PASSED/);
});

t.test('nothing of a token, of a passphrase or of the machine is in what was recorded', async (t) => {
  for (const name of ['README.md', 'docs/first-hour.md', 'docs/first-hour.cast', 'docs/first-hour.svg']) {
    t.notMatch(shownIn(read(name)), /wpt_[\w-]{20}|four quiet lanterns|\/tmp\/|\/home\//, name);
  }
});

t.test('a screen follows returns, moves of the cursor, and what is taken away', async (t) => {
  const shown = (...texts: string[]): string => {
    const screen = new Screen(10);
    for (const text of texts) screen.write(text);
    return screen.text;
  };
  t.equal(shown('one\r\ntwo'), 'one\ntwo');
  t.equal(shown('10 %\r\x1b[K100 %'), '100 %');
  t.equal(shown('\x1b[31mred\x1b[0m\x1b[?25l'), 'red');
  t.equal(shown('a\r\nb\r\nc', '\x1b[999D\x1b[2A\x1b[J', 'd'), 'd');
  t.equal(shown('abcdefghijkl'), 'abcdefghij\nkl', 'what is too long goes on in the next line');
  t.equal(shown('a\tb\x07'), 'ab');
});

t.test(
  'a page without marks is not written over, a picture is well-formed, a recording is asciicast',
  async (t) => {
    t.throws(() => withSession('# Page\n', 'x'));
    t.match(terminalPicture('$ a <b> & c'), /<svg .*>\n.*\n.*\n<text [^>]*>\$ a &lt;b&gt; &amp; c<\/text>/);
    t.equal(asciicast('T', [{ atS: 1.23456, text: 'x\n' }]).split('\n')[1], '[1.235,"o","x\\n"]');
  },
);
