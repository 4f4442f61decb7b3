import type { ErrorEntry } from './entry.ts';

/** Zones, cameras that fail, and what is kept of a scene over a restart. */
export const CAMERA_ERRORS = {
  WP2465: {
    message: 'The outline of a zone is not one that can be drawn.',
    hint: 'Draw it with watchpost camera zones --edit; corners go once around the zone, in order.',
    retryable: false,
  },
  WP2466: {
    message: 'A zone is too small.',
    hint: 'Draw it larger: a thing is in a zone when the middle of its lower edge is.',
    retryable: false,
  },
  WP2467: {
    message: 'Zones contradict each other.',
    hint: 'See docs/zones.md for what each kind does.',
    retryable: false,
  },
  WP2468: {
    message: 'The camera gives fewer pictures than asked for.',
    hint: 'Check its network and light (many give fewer in the dark), or ask for fewer with framesPerSecond.',
    retryable: true,
  },
  WP2469: {
    message: 'The time of the camera’s pictures jumped.',
    hint: 'It is set right by itself; where it goes on, check the camera’s clock and firmware.',
    retryable: true,
  },
  WP2470: {
    message: 'The camera’s pictures have another shape than before.',
    hint: 'The scene is begun anew; where nobody changed the camera’s settings, check it.',
    retryable: true,
  },
  WP2471: {
    message: 'The camera’s pictures are damaged.',
    hint: 'They are left out; check its cable or network.',
    retryable: true,
  },
  WP2472: {
    message: 'The scene cannot be kept in memory over a restart.',
    hint: 'Give the agent memory-backed storage: XDG_RUNTIME_DIR, or a tmpfs at /dev/shm. Without it a scene is learned anew.',
    retryable: true,
  },
  WP2473: {
    message: 'What was kept of the scene is not used.',
    hint: 'Nothing to do: the scene is learned anew.',
    retryable: false,
  },
  WP2474: {
    message:
      'The camera’s address holds a password, and gst-launch-1.0 would show it to every user of this machine.',
    hint: 'Install the GStreamer addon (libgstreamer1.0-dev, then npm ci), which keeps it to itself; or let the camera be read without a password, on a network of its own.',
    retryable: false,
  },
  WP5060: {
    message: 'The camera gave no picture to draw on.',
    hint: 'Check that it plays (watchpost detect --input …), or give another picture with --input.',
    retryable: true,
  },
  WP5061: {
    message: 'The drawing could not be written.',
    hint: 'Name a file in a folder that exists and that you may write to.',
    retryable: false,
  },
  WP5062: {
    message: 'The profile has no camera.',
    hint: 'Name the profile of a device with one. Drawing zones and looking for things also work with --input alone.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
