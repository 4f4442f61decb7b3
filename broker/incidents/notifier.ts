/** What shows that a message arrived where it was sent. */
export interface DeliveryProof {
  /** RFC 3339. */
  readonly at: string;
  /** The answer's status: HTTP's, or what the gateway has instead. */
  readonly status: number;
  /** The id under which the receiver knows it, where it says one. */
  readonly responseId: string | null;
}

export interface NotifierMessage {
  /** The same at every attempt, so that the receiver can drop repeats. */
  readonly id: string;
  /** JSON text. */
  readonly body: string;
}

/** A way to reach people outside the console: webhook, SMS gateway, siren contractor. */
export interface Notifier {
  readonly name: string;
  /** Rejects with a retryable or final WP35xx error when it was not taken. */
  send(message: NotifierMessage, signal: AbortSignal): Promise<DeliveryProof>;
}
