import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import type { DeviceProfile } from '#agent/ports/profile.ts';
import { merge } from '#agent/profile/merge.ts';
import { type Located, originOf } from '#agent/profile/origin.ts';
import { ProfileError, type ProfileProblem } from '#agent/profile/problem.ts';
import { type ProfileSources, profileLayers } from '#agent/profile/resolve.ts';
import { validateProfile } from '#agent/profile/validate.ts';
import type { ErrorCode } from '#contract/errors.ts';
import { PrunedProfile } from './pruning.ts';
import type { Lintable, Severity } from './rules/rule.ts';
import { RULES } from './rules/rules.ts';
import { NO_LAW, siteFacts } from './site-file.ts';
import { sourcesOf } from './sources.ts';
import { withSuggestion } from './suggest.ts';
import type { VoiceFacts } from './voice-facts.ts';

export interface LintProblem extends ProfileProblem {
  readonly severity: Severity;
}

/** Checks that speak of what two parts of a profile have to do with each other: silent where one of them is broken. */
const NEEDS: Partial<Record<ErrorCode, readonly (keyof DeviceProfile)[]>> = {
  WP4010: ['boards'],
  WP4020: ['languages', 'guidance'],
  WP4021: ['languages', 'guidance'],
  WP4023: ['inputs', 'guidance'],
  WP4033: ['place'],
  WP2443: ['inputs'],
};

/**
 * Everything that is wrong with a profile, in one run: a fault of shape hides no other, neither of shape nor of data, and
 * a site file that cannot be laid over it does not hide what is wrong with the profile alone. In the order of the files
 * that it is laid together from, and of their lines. Throws nothing but what the disk throws.
 */
export function lintProfile(sources: ProfileSources, voices: VoiceFacts): LintProblem[] {
  const { file, siteFile } = sources;
  try {
    return inOrder([...asErrors(siteProblems(siteFile)), ...judged(sources, voices)], file);
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    const found = asErrors([...error.problems.map(withSuggestion), ...siteProblems(siteFile)]);
    const alone = siteFile === undefined ? [] : lintProfile(sourcesOf(file, {}), voices);
    return inOrder([...found, ...alone], file);
  }
}

/** What is wrong with a site file beside its entries; where it cannot be read, laying it over the profile tells that. */
function siteProblems(siteFile: string | undefined): readonly ProfileProblem[] {
  if (siteFile === undefined) return [];
  try {
    return siteFacts(siteFile).problems;
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
}

function judged(sources: ProfileSources, voices: VoiceFacts): LintProblem[] {
  const { file, siteFile } = sources;
  const located = profileLayers(sources).reduce(merge);
  const pruned = new PrunedProfile(located.value);
  const shape = asErrors(
    problemsOf(() => validateProfile(located, file, DRIVER_SCHEMAS)).map(withSuggestion),
  );
  if (pruned.profile === null) return shape;
  const { profile } = pruned;
  const law = siteFile === undefined ? NO_LAW : siteFacts(siteFile).law;
  const subject = siteFile === undefined ? 'model' : 'device';
  return [
    ...shape,
    ...asErrors(dataProblems(pruned, located, file)),
    ...ruleProblems(pruned, located, { file, profile, voices, law, subject }),
  ];
}

function problemsOf(check: () => unknown): readonly ProfileProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
}

/** What the checks of the agent find in what is left of the profile. */
function dataProblems(pruned: PrunedProfile, { origins }: Located, file: string): ProfileProblem[] {
  const left = { value: pruned.value, origins: new Map() };
  return problemsOf(() => validateProfile(left, file, DRIVER_SCHEMAS))
    .filter(({ code }) => (NEEDS[code] ?? []).every((key) => !pruned.lacks(key, 'anything')))
    .flatMap((problem) => placed(problem, pruned, origins, file));
}

function ruleProblems(pruned: PrunedProfile, { origins }: Located, subject: Lintable): LintProblem[] {
  return RULES.flatMap(({ code, severity, checks }) =>
    checks
      .filter(({ needs = [] }) => needs.every((key) => !pruned.lacks(key, 'anything')))
      .flatMap(({ find }) => find(subject))
      .flatMap((finding) => placed({ code, ...finding }, pruned, origins, subject.file))
      .map((problem) => ({ ...problem, severity })),
  );
}

/** With the path and line of the file; nothing where it is about what was left out. */
function placed(
  problem: Pick<ProfileProblem, 'code' | 'path' | 'message' | 'hint'>,
  pruned: PrunedProfile,
  origins: Located['origins'],
  fallback: string,
): ProfileProblem[] {
  const { code, message, hint } = problem;
  const path = pruned.written(problem.path);
  if (pruned.lacks(path)) return [];
  const { file, line } = originOf(origins, path) ?? { file: fallback, line: 0 };
  return [{ code, file, line, path, message: pruned.inWords(message), hint: pruned.inWords(hint) }];
}

const asErrors = (problems: readonly ProfileProblem[]): LintProblem[] =>
  problems.map((problem) => ({ ...problem, severity: 'error' }));

/** The profile's own file first; what both looks found (no fault of shape, so the same one twice) once. */
function inOrder(problems: readonly LintProblem[], own: string): LintProblem[] {
  const once = new Map(
    problems.map((problem) => [
      `${problem.code} ${problem.file} ${problem.path} ${problem.message}`,
      problem,
    ]),
  );
  const rank = ({ file }: LintProblem): string => (file === own ? '' : file);
  return [...once.values()].sort((a, b) => rank(a).localeCompare(rank(b)) || a.line - b.line);
}
