import type { ErrorEntry } from './entry.ts';

/** 28xx: bases of robots and what keeps them safe (docs/robot-safety.md). */
export const ROBOT_ERRORS = {
  WP2801: {
    message: 'The base of the robot says nothing.',
    hint: 'Check its power and the cable between the computer and the base; the robot stands until it answers.',
    retryable: true,
  },
  WP2802: {
    message: 'This base cannot do that.',
    hint: 'A base without a dock cannot dock; see docs/robot-safety.md, Drivers.',
    retryable: false,
  },
  WP2803: {
    message: 'The base does not move while it is held.',
    hint: 'Release its emergency stop, take away what touches its bumper, and set it on its wheels.',
    retryable: true,
  },
  WP2804: {
    message: 'The base is not started.',
    hint: 'It moves between the start and the end of the agent alone; see the log for why it did not start.',
    retryable: true,
  },
  WP2805: {
    message: 'The way that the base is to go is not right.',
    hint: 'A way has one place or more, all on the map that the robot is on, with numbers for metres and radians.',
    retryable: false,
  },
  WP2806: {
    message: 'The site map on the robot cannot be used.',
    hint: 'The robot stands: it cannot tell where it may be. Check the map with watchpost map lint, and copy it whole.',
    retryable: false,
  },
  WP2807: {
    message: 'The battery of the robot is low.',
    hint: 'It goes to its dock; where it stands on the way, bring it there.',
    retryable: true,
  },
  WP2808: {
    message: 'The robot cannot get to its dock.',
    hint: 'It stays where it is and tries again; clear its way, or bring it there.',
    retryable: true,
  },
  // of profiles
  WP2820: {
    message: 'The settings of the drive contradict each other.',
    hint: 'See docs/robot-safety.md, Settings.',
    retryable: false,
  },
  WP2821: {
    message: 'The outline of an area of the drive goes nowhere.',
    hint: 'Name the corners in order around it, once, in metres on its map.',
    retryable: false,
  },
  WP2822: {
    message: 'There is no base that the drive is for.',
    hint: 'Name a base, or take the drive out of the profile.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
