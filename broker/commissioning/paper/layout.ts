import type { Certificate } from '#contract/commission/certificate.ts';
import { isSimulated } from '#contract/commission/run.ts';
import { type CommissionLanguage, commissionWord, stepName } from '#contract/commission/words.ts';

type CertifiedStep = Certificate['steps'][number];

/** A line of the table of steps. */
export interface StepRow {
  readonly name: string;
  readonly state: CertifiedStep['state'];
  readonly stateWord: string;
  readonly found: string;
  readonly who: string;
}

/** What stands on the paper, in words: nothing that is not in the certificate. */
export interface PaperText {
  readonly title: string;
  readonly result: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly rows: readonly StepRow[];
  /** What did not pass, and who answers for it. */
  readonly exceptions: readonly string[];
}

export function paperText(certificate: Certificate, language: CommissionLanguage): PaperText {
  const word = (key: string) => commissionWord(language, 'paper', key);
  const { site, device, place, profile, serials, result } = certificate;
  const { bundle, versions, parts } = serials;
  const by = ({ name, account }: { name: string; account: string }) => `${word('by')} ${name} (${account})`;
  const simulated = commissionWord(language, 'result', 'simulated');
  const facts: [string, string][] = [
    ...(isSimulated(certificate.steps) ? [[word('hardware'), simulated] satisfies [string, string]] : []),
    [word('device'), device],
    [word('site'), site],
    [word('place'), placeText(place)],
    [word('profile'), profile === null ? '–' : `${profile.name} ${profile.version} (${profile.kind})`],
    [word('certificate'), certificateText(serials)],
    [word('bundle'), bundle === null ? '–' : `${bundle.generation}, ${bundle.digest.slice(0, 16)}…`],
    [word('versions'), pairs({ ...versions, broker: certificate.madeBy.broker })],
    [word('serials'), pairs(parts)],
    [word('started'), `${shortTime(certificate.startedAt)} ${by(certificate.startedBy)}`],
    [word('finished'), `${shortTime(certificate.finishedAt)} ${by(certificate.finishedBy)}`],
    ...(certificate.remark === null ? [] : [[word('remark'), certificate.remark] satisfies [string, string]]),
  ];
  return {
    title: word('title'),
    result: commissionWord(language, 'result', result),
    facts,
    rows: certificate.steps.map((step) => rowOf(step, language)),
    exceptions: certificate.steps.flatMap((step) => exceptionOf(step, language)),
  };
}

function rowOf(step: CertifiedStep, language: CommissionLanguage): StepRow {
  const measured = step.measured.map(
    ({ name, value, unit }) => `${commissionWord(language, 'measure', name)} ${value} ${unit}`,
  );
  const facts = step.facts.map(({ name, value }) => `${name}: ${value}`);
  const trouble = step.code === null ? [] : [`${step.code}${step.detail === null ? '' : ` ${step.detail}`}`];
  return {
    name: stepName(language, step),
    state: step.state,
    stateWord: commissionWord(language, 'state', step.state),
    found: [...measured, ...facts, ...trouble].join('; ') || '–',
    who: step.by === null ? '–' : `${step.by.name}${step.at === null ? '' : `\n${shortTime(step.at)}`}`,
  };
}

function exceptionOf(step: CertifiedStep, language: CommissionLanguage): string[] {
  if (step.state === 'passed') return [];
  const name = stepName(language, step);
  const state = commissionWord(language, 'state', step.state);
  const { by, reason, code } = step;
  const who = by === null || reason === null ? commissionWord(language, 'paper', 'notDone') : by.name;
  return [[`${name}: ${state}`, code, reason, `— ${who}`].filter((part) => part !== null).join(', ')];
}

function placeText(place: Certificate['place']): string {
  if (place === null) return '–';
  const { label, floor, latitude, longitude } = place;
  const where = latitude === undefined || longitude === undefined ? [] : [`${latitude}, ${longitude}`];
  return [label, ...(floor === undefined ? [] : [floor]), ...where].join(' · ');
}

const certificateText = ({ certificate, certificateExpiresAt }: Certificate['serials']): string =>
  certificate === null ? '–' : `${certificate} (→ ${certificateExpiresAt?.slice(0, 10) ?? '?'})`;

const pairs = (of: Readonly<Record<string, string>>): string =>
  Object.entries(of)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ') || '–';

/** UTC: a certificate is read elsewhere, and later. */
const shortTime = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
