import type { ErrorEntry } from './entry.ts';

/** 4040–4099: what `profile lint` finds in the data of a profile, and the commands around profiles. */
export const PROFILE_RULE_ERRORS = {
  WP4040: {
    message: 'A pin or line of the profile is none that the board or chip has.',
    hint: 'Name one that it has: docs/boards.md has the pins of each board, gpioinfo lists the lines of each chip.',
    retryable: false,
  },
  WP4041: {
    message: 'Two parts of the profile are on one pin by two names of it.',
    hint: 'Give each part a pin of its own.',
    retryable: false,
  },
  WP4042: {
    message: 'A GPIO chip is named by its number.',
    hint: 'Name it by its label, which stays when numbers change: gpiodetect shows it in brackets.',
    retryable: false,
  },
  WP4043: {
    message: 'A prompt has no words in a language of the device.',
    hint: 'Add them to the catalogue in device-profiles/voices, or take the language away.',
    retryable: false,
  },
  WP4044: {
    message: 'A place or answer has no words in a language of the device, which stays silent about it.',
    hint: 'Add the words under guidance, or accept that visitors hear it in other languages only.',
    retryable: false,
  },
  WP4045: {
    message: 'A prompt has no clip.',
    hint: 'Write speech in letters that the engine reads (docs/voice.md), or render or record what is missing.',
    retryable: false,
  },
  WP4046: {
    message: 'A time of the profile cannot be kept.',
    hint: 'Correct the value at the line named.',
    retryable: false,
  },
  WP4047: {
    message: 'Times of the profile work against each other.',
    hint: 'Correct the value at the line named, or leave it where it is meant so.',
    retryable: false,
  },
  WP4048: {
    message: 'Something is kept longer, or shorter, than the law of the site allows.',
    hint: 'Bring retention within law of the site file.',
    retryable: false,
  },
  WP4049: {
    message: 'The site file has a key that means nothing.',
    hint: 'Correct its spelling, or remove it: docs/profiles.md has the keys of a site file.',
    retryable: false,
  },
  WP4050: {
    message: 'The sign of a device with a camera lacks text.',
    hint: 'Write under sign, by language, that there is a camera and what becomes of its pictures.',
    retryable: false,
  },
  WP4051: {
    message: 'The sign at the button lacks text.',
    hint: 'Write under sign, by language, what the button does.',
    retryable: false,
  },
  WP4052: {
    message: 'Nobody reads a sensor.',
    hint: 'Give it a threshold, so that somebody is told, or take it away.',
    retryable: false,
  },
  WP4053: {
    message: 'Nothing uses a part of the profile.',
    hint: 'Name it where it is to be used, or take it away.',
    retryable: false,
  },
  WP4054: {
    message: 'A part of a device of the site is simulated.',
    hint: 'Name its real driver before the device leaves the workshop.',
    retryable: false,
  },
  WP4055: {
    message: 'The profile has another name than its file.',
    hint: 'Give both the same name: the site shows the one, people look for the other.',
    retryable: false,
  },
  WP4056: {
    message: 'A sensor has another unit than its driver reads.',
    hint: 'Write the unit that the driver reads, and thresholds in it.',
    retryable: false,
  },
  WP4057: {
    message: 'A threshold comes back where it is crossed.',
    hint: 'Put clear some way from limit, or noise crosses it again and again.',
    retryable: false,
  },
  WP4058: {
    message: 'A lamp is on a pin that cannot be dimmed.',
    hint: 'Put it on a pin with PWM, or accept that it is dark when idle.',
    retryable: false,
  },
  WP4059: {
    message: 'The profile asks for a part that it does not have.',
    hint: 'Add the part, or do not ask for it.',
    retryable: false,
  },
  WP4070: {
    message: 'An answer for the new profile is missing.',
    hint: 'Give it by its option or in the file of --answers; without a terminal nothing is asked.',
    retryable: false,
  },
  WP4071: {
    message: 'An answer for the new profile cannot be used.',
    hint: 'Give one of those named.',
    retryable: false,
  },
  WP4072: {
    message: 'There is a file of that name.',
    hint: 'Name another, or take that one away first: a profile is not overwritten.',
    retryable: false,
  },
  WP4073: {
    message: 'The profile has nothing at that path.',
    hint: 'profile explain without a path prints them all.',
    retryable: false,
  },
  WP4074: {
    message: 'The new profile cannot be written.',
    hint: 'Name a file in a folder that is there and that you may write to.',
    retryable: false,
  },
  WP4075: {
    message: 'The questions for the new profile were given up; nothing is written.',
    hint: 'Run it again, or give answers by options: profile new --help.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
