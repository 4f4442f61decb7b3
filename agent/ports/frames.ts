/** One picture, 8-bit grey, rows from the top without padding. `t`: seconds of stream time from the first frame. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly t: number;
  readonly data: Uint8Array;
}

export interface FrameRequest {
  /** File path, rtsp://, v4l2:///dev/videoN or test:// (a test source). */
  readonly source: string;
  readonly width: number;
  readonly framesPerSecond: number;
  /** A file at its own pace, as a camera would give it, or as fast as it can be judged. */
  readonly pace: 'real-time' | 'fastest';
  /** Hears what the source complains about and goes on in spite of. */
  readonly onWarning?: (text: string) => void;
}

/** Where pictures come from. */
export interface FrameSource {
  readonly backend: 'addon' | 'gst-launch';
  /**
   * Plays `request` until its end or until `signal` is aborted; throws WP2402 when it cannot be read to its end.
   * One at a time. A frame's data may be kept.
   */
  frames(request: FrameRequest, signal: AbortSignal): AsyncIterable<Frame>;
}
