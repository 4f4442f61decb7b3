/** Sound as it comes in, kept in memory alone. */
export interface Listening {
  /** Samples heard so far. */
  readonly samples: number;
  /** Resolves when so many samples were heard; rejects with WP2517 when the microphone stops before. */
  until(samples: number): Promise<void>;
  /** Ends it and answers what was heard, 16-bit mono. Idempotent. */
  end(): Promise<Int16Array>;
}

export interface Microphone {
  /** Resolves with the first sample; rejects with WP2517. `maxSamples`: what comes after is thrown away. */
  listen(options: {
    readonly sampleRate: number;
    readonly maxSamples: number;
    readonly signal: AbortSignal;
  }): Promise<Listening>;
}
