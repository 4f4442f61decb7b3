import type { ErrorEntry } from './entry.ts';

/** What goes wrong with GPIO lines. */
export const LINE_ERRORS = {
  WP2340: {
    message: 'The addon for GPIO lines cannot be loaded.',
    hint: 'Install a C compiler (apt-get install gcc) and start any command of scripts/ once: set-up builds it.',
    retryable: false,
  },
  WP2341: {
    message: 'There is no GPIO chip of this label.',
    hint: 'Write one of the labels that are listed into the profile; a chip on USB may be unplugged.',
    retryable: true,
  },
  WP2342: {
    message: 'Several GPIO chips have this label.',
    hint: 'Write the name of one of them (gpiochip0) instead of the label.',
    retryable: false,
  },
  WP2343: {
    message: 'The GPIO chip has no such line.',
    hint: 'Lines are numbered from 0 on each chip; these are not the numbers of the pins of a header.',
    retryable: false,
  },
  WP2344: {
    message: 'The GPIO line is in use.',
    hint: 'Stop what holds it: another program, an export in /sys/class/gpio, or a driver in the device tree.',
    retryable: true,
  },
  WP2345: {
    message: 'The GPIO line cannot be set up as asked.',
    hint: 'Leave out bias or debounceMs: the chip or its driver does not have them; or the line cannot be an input.',
    retryable: false,
  },
  WP2346: {
    message: 'The agent may not use the GPIO chip.',
    hint: 'Give its user the right to /dev/gpiochip*: the group gpio where the system has one, or a rule of udev.',
    retryable: false,
  },
  WP2347: {
    message: 'The GPIO line is gone.',
    hint: 'Its chip was unplugged or its driver unloaded; the device goes on looking for it.',
    retryable: true,
  },
  WP2348: {
    message: 'The GPIO line cannot be read through sysfs either.',
    hint: 'It needs /sys/class/gpio in the kernel and the npm package onoff, built when the packages are installed.',
    retryable: false,
  },
  WP2349: {
    message: 'The kernel is too old for GPIO lines.',
    hint: 'Character devices with edges need Linux 5.10; set fallback: sysfs in the profile for older ones.',
    retryable: false,
  },
  WP4015: {
    message: 'Two parts of the profile use one GPIO line.',
    hint: 'A line has one user; give each part its own.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
