import t from 'tap';
import { GpsdReader } from '#agent/drivers/gnss/gpsd.ts';
import { NmeaReader, sentenceOf } from '#agent/drivers/gnss/nmea.ts';
import { greatCircleM } from '#contract/great-circle.ts';
import { seeded } from '#test/support/random.ts';
import { HOME, northOfHome, secondOf, sentence } from './made-track.ts';

t.test('the example of the standard: 48°07.038′ N, 11°31.000′ E, eight satellites', async (t) => {
  const reader = new NmeaReader();
  const fix = reader.take('$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47');
  t.match(fix, { latitude: 48.1173, longitude: 11 + 31 / 60, hdop: 0.9, satellites: 8 });
});

t.test('south and west are negative, of any talker', async (t) => {
  for (const talker of ['GP', 'GN', 'BD', 'GA', 'GL']) {
    const line = sentence(`${talker}GGA,000000,3352.000,S,15112.000,W,2,05,1.5,0,M,0,M,,`);
    t.match(new NmeaReader().take(line), { latitude: -(33 + 52 / 60), longitude: -(151 + 12 / 60) });
  }
});

t.test('a sentence without a right checksum is none, whichever character was hit', async (t) => {
  const line = secondOf({ metres: 0 })[1] ?? '';
  t.ok(sentenceOf(line));
  const random = seeded(7);
  for (let round = 0; round < 200; round += 1) {
    const at = 1 + random(line.length - 1);
    const hit = String.fromCharCode(line.charCodeAt(at) ^ (1 << random(5)));
    const broken = line.slice(0, at) + hit + line.slice(at + 1);
    const read = sentenceOf(broken);
    // A checksum in small letters is the same checksum.
    if (read !== null) t.equal(broken.toUpperCase(), line.toUpperCase(), broken);
  }
  t.equal(sentenceOf(line.slice(0, -3)), null, 'none at all');
  t.equal(sentenceOf(line.slice(0, 20)), null, 'broken off');
});

t.test('what the receiver itself does not believe is no fix', async (t) => {
  const taken = (lines: string[], reader = new NmeaReader()) =>
    lines.map((line) => reader.take(line)).filter((fix) => fix !== null).length;
  t.equal(taken(secondOf({ metres: 0 })), 1, 'one a second');
  t.equal(taken(secondOf({ metres: 0, quality: 0 })), 0);
  t.equal(taken(secondOf({ metres: 0, quality: 6 })), 0, 'estimated');
  t.equal(taken(secondOf({ metres: 0, quality: 8 })), 0, 'simulated');
  t.equal(taken(secondOf({ metres: 0, status: 'V' })), 0, 'a warning holds for the GGA behind it');
  t.equal(taken([sentence('GPGGA,1,,,,,0,00,,,M,,M,,')]), 0, 'none yet');
  t.equal(taken([sentence('GPGGA,1,9960.00,N,00000.00,E,1,08,1,,M,,M,,')]), 0, 'no such latitude');
});

t.test(
  'gpsd: the dilution comes with SKY, the position with TPV, and without a fix there is none',
  async (t) => {
    const reader = new GpsdReader();
    const take = (value: object) => reader.take(JSON.stringify(value));
    t.equal(take({ class: 'VERSION', release: '3.22', proto_major: 3 }), null);
    t.equal(take({ class: 'TPV', mode: 1 }), null);
    t.equal(
      take({
        class: 'SKY',
        hdop: 0.8,
        satellites: [
          { PRN: 1, used: true },
          { PRN: 2, used: false },
        ],
      }),
      null,
    );
    const at = { lat: 31.2304, lon: 121.4737 };
    t.match(take({ class: 'TPV', mode: 3, ...at }), { latitude: 31.2304, hdop: 0.8, satellites: 1 });
    take({ class: 'SKY', uSat: 7 });
    t.match(take({ class: 'TPV', mode: 2, ...at }), { hdop: 0.8, satellites: 7 });
    for (const line of ['', '{', 'null', '[]', '{"class":"TPV","mode":3,"lat":91,"lon":0}'])
      t.equal(reader.take(line), null, line);
  },
);

t.test('distances', async (t) => {
  for (const metres of [0, 0.5, 49, 51, 10_000])
    t.equal(greatCircleM(HOME, northOfHome(metres)).toFixed(3), metres.toFixed(3));
  // Paris to London, by another implementation on the same sphere: 343.6 km.
  const far = greatCircleM(
    { latitude: 48.8566, longitude: 2.3522 },
    { latitude: 51.5074, longitude: -0.1278 },
  );
  t.ok(Math.abs(far - 343_556) < 100, String(far));
  const across = greatCircleM({ latitude: 0, longitude: 179.9999 }, { latitude: 0, longitude: -179.9999 });
  t.ok(Math.abs(across - 22.239) < 0.01, 'over the date line');
});
