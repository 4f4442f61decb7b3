import type { ErrorEntry } from './entry.ts';

/** What goes wrong with profiles, on the command line and in set-up. */
export const TOOL_ERRORS = {
  // 40xx profiles
  WP4001: {
    message: 'The profile cannot be read.',
    hint: 'Name a YAML file that exists and that you may read.',
    retryable: false,
  },
  WP4002: {
    message: 'The profile is not YAML.',
    hint: 'Correct the YAML at the line named.',
    retryable: false,
  },
  WP4003: {
    message: 'The profile does not fit its schema.',
    hint: 'See device-profiles/schema/profile.schema.json.',
    retryable: false,
  },
  WP4004: {
    message: 'The profile extends itself.',
    hint: 'Extend a template that extends nothing of yours.',
    retryable: false,
  },
  WP4006: {
    message: 'The site file does not fit.',
    hint: 'See docs/profiles.md for what a site file holds.',
    retryable: false,
  },
  WP4007: {
    message: 'The profile names a driver that does not exist.',
    hint: 'Use one of the drivers named.',
    retryable: false,
  },
  WP4008: {
    message: 'The configuration of a driver is not right.',
    hint: 'See docs/profiles.md for each driver’s keys.',
    retryable: false,
  },
  WP4009: {
    message: 'Parts of the profile contradict each other.',
    hint: 'Correct the value at the line named.',
    retryable: false,
  },
  // 50xx command line and set-up
  WP5001: {
    message: 'The port is in use.',
    hint: 'Stop what listens there, or choose another port.',
    retryable: false,
  },
  WP5002: {
    message: 'The site configuration cannot be read.',
    hint: 'Name a YAML or JSON file that exists and that you may read.',
    retryable: false,
  },
  WP5003: {
    message: 'The site configuration does not fit its schema.',
    hint: 'Correct the line named; see docs/site-configuration.md.',
    retryable: false,
  },
  WP5004: {
    message: 'The address cannot be listened on.',
    hint: 'Use an address of this machine, and a port that you may use.',
    retryable: false,
  },
  WP5005: {
    message: 'The audit chain is broken.',
    hint: 'Keep the database as it is, and find out who could write to it.',
    retryable: false,
  },
  WP5006: {
    message: 'The data folder does not hold what is needed.',
    hint: 'Name the folder that the broker was started with (--data).',
    retryable: false,
  },
  WP5007: {
    message: 'Another broker is running on this data folder.',
    hint: 'Stop it, or give this one a folder of its own with --data.',
    retryable: false,
  },
  WP5008: {
    message: 'The data folder cannot be used.',
    hint: 'Name a folder that exists or can be made, and that you may write to.',
    retryable: false,
  },
  WP5009: {
    message: 'The broker’s TLS files cannot be read.',
    hint: 'Put server.key, server.crt and ca.crt (PEM) into the folder tls of the data folder.',
    retryable: false,
  },
  WP5010: {
    message: 'A file or folder cannot be used.',
    hint: 'Look whether it is there, has room, and belongs to you: ls -ld, df, mount.',
    retryable: false,
  },
  WP5020: {
    message: 'npm is missing.',
    hint: 'Install Node.js with npm (any version), for example: sudo apt-get install nodejs npm',
    retryable: false,
  },
  WP5021: {
    message: 'Node could not be fetched from the npm registry.',
    hint: 'Check the network and try again.',
    retryable: true,
  },
  WP5022: {
    message: 'The npm packages could not be installed.',
    hint: 'Check the network and try again.',
    retryable: true,
  },
  WP5023: {
    message: 'The page of the console or of the kiosk could not be built.',
    hint: 'Run node scripts/commands/build-console.ts or build-kiosk.ts to see why.',
    retryable: false,
  },
  WP5024: {
    message: 'The command was not used rightly.',
    hint: 'Run it with --help.',
    retryable: false,
  },
  WP5025: {
    message: 'A part of the site did not start.',
    hint: 'Read its log, named above, and start again.',
    retryable: true,
  },
  WP5026: {
    message: 'The device’s folder holds no resolved profile.',
    hint: 'Start the agent with scripts/watchpost agent --profile FILE …, which resolves it first.',
    retryable: false,
  },
  WP5027: {
    message: 'A port cannot be used.',
    hint: 'Choose another port, or end what uses it.',
    retryable: true,
  },
  WP5030: {
    message: 'A broker does not do what a measurement needs of it.',
    hint: 'Read what it answered, above, and its log; another broker on the machine may be of a version that differs.',
    retryable: false,
  },
  WP5050: {
    message: 'The vision kernel could not be compiled.',
    hint: 'Read what the compiler says of agent/vision/background/kernel/assembly.',
    retryable: false,
  },
  WP5051: {
    message: 'OpenCV could not be measured.',
    hint: 'Read what it said; Debian has it as python3-opencv.',
    retryable: false,
  },
  WP5053: {
    message: 'Pictures could not be sent through JPEG and back.',
    hint: 'Install gstreamer1.0-tools and gstreamer1.0-plugins-good; GStreamer’s own words are above.',
    retryable: false,
  },
  WP5054: {
    message: 'There is nothing of that name to measure.',
    hint: 'Run the same without --only to see the names that there are.',
    retryable: false,
  },
  WP5058: {
    message: 'The folder for the explanation holds something already.',
    hint: 'Name a folder that is empty, or that does not exist yet.',
    retryable: false,
  },
  WP5059: {
    message: 'The explanation cannot be written.',
    hint: 'Name a folder that you may write to, on a disk with room.',
    retryable: false,
  },
  WP5095: {
    message: 'What is written here cannot be counted: the folder lies in memory.',
    hint: 'Run it from a checkout on a disk.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
