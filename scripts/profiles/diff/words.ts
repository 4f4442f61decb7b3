import {
  byItsWiring,
  camera,
  entries,
  inputOf,
  instead,
  ofSensor,
  type Says,
  siren,
  thresholds,
  unitOf,
  wiring,
} from './phrases.ts';
import { spokenBytes, spokenDays, spokenSeconds } from './quantities.ts';
import { spokenWiring } from './wiring.ts';

/** By path (`[]` for an entry of a list), in the order in which they matter to who answers for the device. */
export const WORDS: readonly (readonly [path: string, says: Says])[] = [
  ['kind', instead((kind) => `It is a ${kind}`)],
  ['name', instead((name) => `Its profile is ${name}`)],
  ['description', ({ is }) => `It is described as “${is}”.`],
  ['inputs', entries(byItsWiring, (a) => `No longer an input: ${a}.`, 'The inputs stand in another order')],
  [
    'inputs[].kind',
    ({ name, was, is }) =>
      was === undefined
        ? byItsWiring()
        : `${name} is a ${is} input, no longer ${was}: it raises other alarms.`,
  ],
  ['inputs[].with', wiring(inputOf)],
  ['panic.siren', siren],
  ['panic.sirenMaxS', instead((time) => `The siren sounds for ${time} at most`, spokenSeconds)],
  [
    'panic.sirenDuringPrompts',
    ({ is }) =>
      is === 'sound'
        ? 'The siren goes on while an alarm prompt is said.'
        : 'The siren pauses while an alarm prompt is said.',
  ],
  ['panic.stuckAfterS', instead((time) => `A button held down counts as stuck after ${time}`, spokenSeconds)],
  [
    'panic.repeatEveryS',
    instead((time) => `What it says of an alarm is said again every ${time}`, spokenSeconds),
  ],
  ['emergencyNumber', ({ was = '110', is = '110' }) => `People are told to call ${is} instead of ${was}.`],
  ['lamp', wiring(() => 'The lamp')],
  ['siren', wiring(() => 'The siren')],
  ['speaker', ({ is }) => `It speaks by ${spokenWiring(is)}.`],
  ['base', wiring(() => 'The base')],
  [
    'languages',
    entries(
      (a) => `It also speaks ${a}.`,
      (a) => `It no longer speaks ${a}.`,
      'It speaks in another order',
    ),
  ],
  [
    'guidance.languages',
    entries(
      (a) => `Visitors can also choose ${a}.`,
      (a) => `Visitors can no longer choose ${a}.`,
      'Visitors choose in another order',
    ),
  ],
  ['supervisionS', instead((time) => `The site tells it as lost after ${time} of silence`, spokenSeconds)],
  ['testEveryH', instead((time) => `A test alarm proves its path every ${time} h`)],
  ['link.keepaliveS', instead((time) => `It tells the broker that it is there every ${time}`, spokenSeconds)],
  [
    'link.backoffMaxS',
    instead((time) => `Without a link it tries again after ${time} at most`, spokenSeconds),
  ],
  ['link.window', instead((count) => `${count} messages are on the way at once`)],
  ['link.alarmSlots', instead((count) => `${count} of these are kept for alarms`)],
  ['camera.name', camera],
  ['camera.with', wiring(() => 'The camera')],
  ['camera.dwellS', instead((time) => `Something left behind is told after ${time} alone`, spokenSeconds)],
  ['camera.width', instead((pixels) => `Pictures are judged at a width of ${pixels}`)],
  ['camera.framesPerSecond', instead((count) => `${count} pictures a second are judged`)],
  ['camera.clip.beforeS', instead((time) => `Films begin ${time} before an event`, spokenSeconds)],
  ['camera.clip.afterS', instead((time) => `Films end ${time} after an event`, spokenSeconds)],
  [
    'camera.zones',
    entries(
      (a) => `New zone: ${a}.`,
      (a) => `No longer a zone: ${a}.`,
      'The zones stand in another order',
    ),
  ],
  [
    'camera.watches.crowd',
    entries(
      (a) => `It warns of crowding at ${a}.`,
      (a) => `It no longer warns of crowding at ${a}.`,
      'The areas stand in another order',
    ),
  ],
  [
    'camera.watches.loitering',
    entries(
      (a) => `It tells who stays long at ${a}.`,
      (a) => `It no longer tells who stays long at ${a}.`,
      'The areas stand in another order',
    ),
  ],
  [
    'camera.watches.tailgating',
    entries(
      (a) => `It tells who slips in at ${a}.`,
      (a) => `It no longer tells who slips in at ${a}.`,
      'The doors stand in another order',
    ),
  ],
  [
    'camera.watches.crowd[].people',
    ({ name, was, is }) =>
      `Crowding at ${name} is told from ${is} people on${was === undefined ? '' : `, until now from ${was}`}.`,
  ],
  [
    'camera.watches.impairment',
    entries(
      (a) => `It tells when the camera is ${a}.`,
      (a) => `It no longer tells when the camera is ${a}.`,
      'The faults of the camera stand in another order',
    ),
  ],
  ['sensors', entries(byItsWiring, (a) => `No longer a sensor: ${a}.`, 'The sensors stand in another order')],
  ['sensors[].with', wiring(({ name }) => `Sensor ${name}`)],
  ['sensors[].thresholds', thresholds],
  ['sensors[].unit', ofSensor((name, unit) => `${name} is measured in ${unit}`, String)],
  ['sensors[].periodS', ofSensor((name, time) => `${name} is read every ${time}`, spokenSeconds)],
  [
    'sensors[].atLeastEveryS',
    ofSensor((name, time) => `A sample of ${name} is kept every ${time} at least`, spokenSeconds),
  ],
  [
    'sensors[].deadband',
    ofSensor(
      (name, band) => `${name} is kept when it has moved by ${band}`,
      (value, { after, name }) => `${value}${unitOf(after, name)}`,
    ),
  ],
  [
    'actuators',
    entries(byItsWiring, (a) => `It can no longer turn ${a}.`, 'The actuators stand in another order'),
  ],
  ['actuators[].rest', ({ name, is }) => `${name} rests at ${is}.`],
  ['actuators[].with', wiring(({ name }) => `Actuator ${name}`)],
  ['boards', entries(byItsWiring, (a) => `No longer a board: ${a}.`, 'The boards stand in another order')],
  ['boards[].with', wiring(({ name }) => `Board ${name}`)],
  ['voice.alarmFloorDb', instead((db) => `Alarm prompts are never quieter than ${db} dB`)],
  ['retention.evidenceDays', instead((days) => `Pictures are kept on the device for ${days}`, spokenDays)],
  ['retention.clipDays', instead((days) => `Films are kept on the device for ${days}`, spokenDays)],
  [
    'journal.keepAlarmsDays',
    instead((days) => `Delivered alarms are kept on the device for ${days}`, spokenDays),
  ],
  ['journal.maxBytes', instead((bytes) => `Events and samples may take ${bytes} of its disk`, spokenBytes)],
  ['journal.ballastBytes', instead((bytes) => `${bytes} of its disk are kept free for alarms`, spokenBytes)],
  ['place.label', instead((label) => `Its alarms come from “${label}”`)],
  ['kiosk.port', instead((port) => `The page for visitors is at port ${port}`)],
];
