import t from 'tap';
import { BAG, personAt, play, visitor } from '../picture-maker.ts';

t.test('of those who came by and went nothing is kept, however many there were', async (t) => {
  const stepsBehindPillar = (now: number) => (now > 20 && now % 2 < 1 ? [personAt(64 + (now % 1) * 10)] : []);
  const { detector } = play(
    100,
    (now) => [...(now >= 8 ? [BAG] : []), ...visitor(now, 3, 9), ...stepsBehindPillar(now)],
    { dwellS: 10 },
  );
  const attendance = detector.view.tracks.find(({ reportedAs }) => reportedAs !== null)?.attendance;
  t.ok(attendance, 'the bag is still watched');
  const { members, owners, besideSince, aroundSince } = attendance ?? {};
  for (const [name, kept] of Object.entries({ members, owners, besideSince, aroundSince }))
    t.ok((kept?.size ?? 99) <= 6, `${name}: ${kept?.size} of some forty`);
});
