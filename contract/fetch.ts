/** A bundle on its way to a device over MQTT (docs/fleet.md). The device says where to go on; the site sends from there. */

/** Tells bundles from other content that the site sends. */
export const BUNDLE_BLOB_PREFIX = 'bundle-';

/** A bundle by its content, so that what was begun before any restart is gone on with. */
export const bundleBlobId = (sha256: string): string => `${BUNDLE_BLOB_PREFIX}${sha256.slice(0, 40)}`;

export const BUNDLE_BLOB_PATTERN = /^bundle-[0-9a-f]{40}$/;

/**
 * Of `down/blob`: a receipt waits for this much in front of it, which a link of 256 kbit/s carries in half a second. With
 * 64 KiB and a window of eight it would be 16 s, and a press without PUBACK for 5 s takes the link for dead.
 */
export const BUNDLE_PIECE_BYTES: number = 16 * 1024;

/** Pieces on their way at most, on a link that confirms them at once. */
export const BUNDLE_WINDOW = 8;

/** After so many pieces the device is asked how far it is: by then they are on its disk. */
export const BUNDLE_STRETCH_PIECES = 128;

/** Of a whole bundle: 256 MiB of content and what is signed about it (contract/bundle/layout.ts). */
export const BUNDLE_MAX_BYTES: number = 257 * 1024 * 1024 + 9;

export const bundlePieces = (bytes: number): number => Math.ceil(bytes / BUNDLE_PIECE_BYTES);
