import { createHash } from 'node:crypto';

/** In place of what is left out. */
export const LEFT_OUT = '[left out]';

const SECRET_WORDS =
  'pass(?:word|wd|phrase|code)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|authori[sz]ation|cookie|psk|puk|sim[-_]?pin';

/** Fields whose value is left out whatever it is. */
const SECRET_FIELD = new RegExp(`${SECRET_WORDS}|^pass$|^pwd$|^pin$`, 'i');
/** Fields that name a person's, or a SIM's, number or address. */
const PERSONAL_FIELD =
  /(?:(?<!micro)phone|mobile|msisdn|imei|imsi|iccid|mail|recipient)s?(?:number)?$|^tel(?:ephone)?$|^sms$/i;

export const isSecretField = (name: string): boolean => SECRET_FIELD.test(name);
export const isPersonalField = (name: string): boolean => PERSONAL_FIELD.test(name);

export interface Pattern {
  readonly find: RegExp;
  /** What stands in its place; null leaves it as it is. */
  readonly replace: (found: string, ...groups: string[]) => string | null;
}

const BASE64 = '[A-Za-z0-9+/=]';
const wholly = (): string => LEFT_OUT;

/** In this order: what is known by its shape before what is known by its surroundings, and random text last. */
export const PATTERNS: readonly Pattern[] = [
  // RFC 7468, also with its line ends written as \n in JSON; a log may begin or end within one.
  {
    find: new RegExp(`-----BEGIN [^-\\n]+-----(?:\\\\[nr]|${BASE64}|\\s)*(?:-----END [^-\\n]+-----)?`, 'g'),
    replace: wholly,
  },
  {
    find: new RegExp(
      `(?:${BASE64}{16,}(?:\\\\[nr]|\\s)+)*${BASE64}+(?:\\\\[nr]|\\s)*-----END [^-\\n]+-----`,
      'g',
    ),
    replace: wholly,
  },
  // RFC 7519.
  { find: /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, replace: wholly },
  { find: /\b((?:set-)?cookie["']?\s*[:=]\s*)[^\r\n"]+/gi, replace: (_, name) => `${name}${LEFT_OUT}` },
  { find: /\b(bearer|basic|digest)\s+[^\s"',;]+/gi, replace: (_, scheme) => `${scheme} ${LEFT_OUT}` },
  // RFC 3986 §3.2.1; people write passwords with / and @ in them as they are.
  { find: /(:\/\/)[^\s"'<>@/]*:[^\s"'<>]*@/g, replace: (_, slashes) => `${slashes}${LEFT_OUT}@` },
  { find: /(:\/\/)[^\s"'<>/?#]*@/g, replace: (_, slashes) => `${slashes}${LEFT_OUT}@` },
  {
    find: new RegExp(
      `([\\w.-]*(?:${SECRET_WORDS})[\\w-]*\\\\?["']?\\s*(?:[:=]|\\bis\\b)\\s*)(\\\\?"(?:[^"\\\\]|\\\\[^"])*\\\\?"|'[^']*'|[^\\s,;&"'}\\])]+)`,
      'gi',
    ),
    replace: (_, name) => `${name}${LEFT_OUT}`,
  },
  {
    find: new RegExp(`(--?[\\w-]*(?:${SECRET_WORDS})[\\w-]*[ =]+)\\S+`, 'gi'),
    replace: (_, option) => `${option}${LEFT_OUT}`,
  },
  { find: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, replace: wholly },
  // Numbers that begin with a country (E.164), Chinese mobile and fixed lines, and whatever is marked as one.
  { find: /\b(tel|sms|callto):[+\d][\d ()./-]{3,}\d/gi, replace: (_, scheme) => `${scheme}:${LEFT_OUT}` },
  { find: /(?<![\w.])\+\d(?:[ ()./-]{0,2}\d){7,14}(?!\w)/g, replace: wholly },
  { find: /(?<![\w.-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w.-]\d)(?!\w)/g, replace: wholly },
  { find: /(?<![\w.-])0\d{2,3}[ -]\d{7,8}(?!\w)/g, replace: wholly },
  // IMEI and IMSI (3GPP TS 23.003) have 15 digits, cards of a SIM (ITU-T E.118) begin with 89.
  { find: /(?<!\w)(?:\d{15}|89\d{16,18})(?!\w)/g, replace: wholly },
  // Tokens that say by their beginning what they are; `wp_` are those of a site.
  {
    find: /\b(?:wp_|gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|ASIA)[A-Za-z0-9_-]{8,}/g,
    replace: wholly,
  },
  // Keys as hexadecimal digits look like digests: a few digits of their own digest let these be told apart still.
  {
    find: /(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])/g,
    replace: (hex) => `[${hex.length} digits #${markOf(hex)}]`,
  },
  // RFC 4648 §6, as seeds of one-time passwords are written; words in capitals have no digits.
  { find: /\b(?=[A-Z]*[2-7][A-Z]*[2-7])[A-Z2-7]{16,}\b/g, replace: wholly },
  { find: /[A-Za-z0-9+/_-]{20,}={0,2}/g, replace: (run) => (isRandom(run) ? LEFT_OUT : null) },
];

const markOf = (text: string): string =>
  createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 6);

/**
 * Whether a run of base64 characters looks drawn by lot. In random base64 the kind of character (capital, small, digit)
 * changes from one to the next with probability 1 − 2·(26/62)² − (10/62)² = 0.62; in words, paths and names it seldom
 * does, once what parts the words is taken away. Over 32 characters 0.62 has a deviation of 0.09: 0.3 is more than
 * three of these below. Without a digit, as words joined by their capitals are, it takes 0.4.
 */
function isRandom(run: string): boolean {
  const kinds = [...run.replaceAll(/[^A-Za-z0-9]/g, '')].map((each) =>
    /[A-Z]/.test(each) ? 'A' : /[a-z]/.test(each) ? 'a' : '0',
  );
  const changes = kinds.filter((kind, at) => at > 0 && kind !== kinds[at - 1]).length;
  if (!kinds.includes('A') || !kinds.includes('a')) return false;
  return changes / (kinds.length - 1) >= (kinds.includes('0') ? 0.3 : 0.4);
}
