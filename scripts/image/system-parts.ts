/** What the device uses of Debian beyond the base image, and nothing else of those packages. Machine: arm64. */

/** Fetched with what they depend on; only the files below, and the libraries that these need, reach the image. */
export const PACKAGES = [
  'alsa-utils',
  'glib-networking',
  'gstreamer1.0-plugins-bad',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-base-apps',
  'gstreamer1.0-plugins-good',
  'gstreamer1.0-tools',
  'pulseaudio-utils',
  'systemd',
] as const;

/**
 * Of RUN_PACKAGES in scripts/setup.sh, what a device does without, and why; `base` is in the base image anyway.
 * A test holds the three lists together.
 */
export const NOT_IN_IMAGE: Readonly<Record<string, string>> = {
  avrdude: 'boards are flashed from a laptop',
  'espeak-ng': 'prompts are rendered when a device is prepared',
  'fonts-wqy-microhei': 'labels are drawn at the site',
  'g++': 'compiled in the cross stage',
  'gstreamer1.0-libav': 'H.264 and H.265 are decoded by openh264 and libde265, a fiftieth of its size',
  'libgstreamer-plugins-base1.0-dev': 'compiled in the cross stage',
  'libgstreamer1.0-dev': 'compiled in the cross stage',
  make: 'compiled in the cross stage',
  mtools: 'cards are flashed from a laptop',
  'openssh-client': 'devices are flashed from a laptop',
  'pkg-config': 'compiled in the cross stage',
  python3: 'compiled in the cross stage',
  'util-linux': 'in the base image',
};

const LIB = 'usr/lib/aarch64-linux-gnu';
const plugin = (name: string): string => `${LIB}/gstreamer-1.0/libgst${name}.so`;

/** Programs that the agent and the vision process start, and two for whoever looks for a fault. */
export const PROGRAMS = [
  'usr/bin/aplay',
  'usr/bin/arecord',
  'usr/bin/busctl',
  'usr/bin/gst-discoverer-1.0',
  'usr/bin/gst-inspect-1.0',
  'usr/bin/gst-launch-1.0',
  'usr/bin/pactl',
  'usr/bin/paplay',
  'usr/bin/parec',
] as const;

/** By what a camera or a film asks of them. */
export const PLUGINS: Readonly<Record<string, readonly string[]>> = {
  'every pipeline (core, base)': ['coreelements', 'typefindfunctions', 'playback', 'app', 'pbtypes'],
  'frames of the size and rate asked for (base)': ['videoconvertscale', 'videorate', 'videotestsrc'],
  'network cameras (good)': ['rtsp', 'rtp', 'rtpmanager', 'udp', 'tcp'],
  'local cameras, and decoders of the board (good, bad)': ['video4linux2', 'v4l2codecs', 'jpeg'],
  'H.264 and H.265 without help of the board (bad)': ['videoparsersbad', 'openh264', 'de265'],
  'films and pictures of evidence (base, good, bad)': ['rawparse', 'vpx', 'matroska', 'isomp4', 'pnm'],
};

/** Loaded by name at run time, so that no ELF file asks for them. */
export const LOADED_BY_NAME = [
  ...Object.values(PLUGINS).flat().map(plugin),
  `${LIB}/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner`,
  // rtsps:// asks GIO for TLS.
  `${LIB}/gio/modules/libgiognutls.so`,
];

/** Data, as files or whole folders. */
export const DATA = ['usr/share/alsa', 'etc/pulse/client.conf'] as const;
