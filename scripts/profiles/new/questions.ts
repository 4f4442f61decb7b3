import { BOARD_MODELS } from '#agent/drivers/firmata/config.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import type { Answers } from './answers.ts';
import { WIRINGS } from './answers.ts';
import { modelIds, modelOf } from './models.ts';
import { spotsOf, suggestedSpots } from './spots.ts';

/** One thing to be asked. */
export interface Question {
  readonly key: keyof Answers;
  /** Of `at`: which part. */
  readonly part?: string;
  readonly text: string;
  /** What is taken where nothing else is said; absent: it must be answered. */
  readonly initial?: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

const ABOUT: Readonly<Record<(typeof WIRINGS)[number], string>> = {
  model: 'as in the model',
  simulated: 'simulated, to be tried where there is no hardware',
  gpio: 'on lines of a GPIO chip (docs/lines.md)',
  firmata: 'on an Arduino with StandardFirmata (docs/boards.md)',
};

/** The next thing to be asked, or null when a profile can be made of the answers. @throws WatchpostError WP4071 */
export function nextQuestion(answers: Answers): Question | null {
  const { like } = answers;
  if (like === undefined) {
    const choices = modelIds().map((id) => ({
      value: id,
      label: `${id}: ${modelOf(id).profile.description}`,
    }));
    return { key: 'like', text: 'Which model is it like?', choices };
  }
  const questions = [...aboutIt(like), ...aboutWiring(answers)];
  return questions.find(({ key, part }) => isOpen(answers, key, part)) ?? null;
}

function isOpen({ at = {}, ...answers }: Answers, key: keyof Answers, part: string | undefined): boolean {
  return key === 'at' ? part !== undefined && !Object.hasOwn(at, part) : answers[key] === undefined;
}

function aboutIt(like: string): Question[] {
  const { description, languages, supervisionS, camera, retention } = modelOf(like).profile;
  return [
    { key: 'name', text: 'What is the profile called? (a-z, 0-9, -)' },
    { key: 'description', text: 'What is it, in a line?', initial: description },
    {
      key: 'languages',
      text: 'Which languages does it speak, in this order?',
      initial: languages.join(', '),
    },
    {
      key: 'supervisionS',
      text: 'After how many seconds of silence is it told as lost?',
      initial: String(supervisionS),
    },
    ...(camera === undefined
      ? []
      : ([
          {
            key: 'dwellS',
            text: 'After how many seconds alone is something told as left behind?',
            initial: String(camera.dwellS),
          },
          {
            key: 'evidenceDays',
            text: 'For how many days are pictures kept on it?',
            initial: String(retention.evidenceDays),
          },
        ] as const)),
    {
      key: 'wiring',
      text: 'What do its contacts, lamp and siren hang on?',
      initial: 'model',
      choices: WIRINGS.map((value) => ({ value, label: `${value}: ${ABOUT[value]}` })),
    },
  ];
}

function aboutWiring({ like, wiring, at = {} }: Answers): Question[] {
  if (like === undefined || (wiring !== 'gpio' && wiring !== 'firmata')) return [];
  const { profile } = modelOf(like);
  const spots = spotsOf(profile);
  const suggested = suggestedSpots(spots, wiring, at);
  const what = wiring === 'gpio' ? 'line' : 'pin';
  return [
    ...(wiring === 'gpio' ? CHIP : aboutBoard(profile)),
    ...spots.map(({ name, kind }): Question => {
      const initial = suggested.get(name);
      const text = `Which ${what} is ${name === kind ? `the ${name}` : `${name} (${kind})`} on?`;
      return { key: 'at', part: name, text, ...(initial === undefined ? {} : { initial: String(initial) }) };
    }),
  ];
}

const CHIP: readonly Question[] = [
  { key: 'chip', text: 'What is the label of the chip? (gpiodetect shows it)', initial: 'pinctrl-bcm2711' },
];
/** The model's own board where it has one: its parts are on pins of that. */
function aboutBoard({ boards }: DeviceProfile): Question[] {
  const own = boards[0]?.with;
  return [
    {
      key: 'port',
      text: 'Which port is the board on? (a path, or a name of /dev/serial/by-id)',
      initial: String(own?.port ?? '/dev/ttyACM0'),
    },
    {
      key: 'board',
      text: 'Which board is it?',
      initial: String(own?.model ?? 'uno'),
      choices: BOARD_MODELS.map((value) => ({ value, label: value })),
    },
  ];
}
