import { createHmac } from 'node:crypto';
import type { Clock } from '#contract/clock.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { DeliveryProof, Notifier, NotifierMessage } from './notifier.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** Shared with the receiver; signs every message. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** Most of an answer that is looked at for an id. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * POSTs the message as a CloudEvent in the HTTP binding's structured mode. The header
 * `Watchpost-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">` proves who sent it and when;
 * `Idempotency-Key` is the same at every attempt. Any 2xx answer is proof of delivery.
 */
export class Webhook implements Notifier {
  readonly name: string;
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async send(message: NotifierMessage, signal: AbortSignal): Promise<DeliveryProof> {
    const deadline = new AbortController();
    const cancel = this.#options.clock.after(this.#options.timeoutMs, () => deadline.abort());
    try {
      const answer = await this.#post(message, AbortSignal.any([signal, deadline.signal]));
      return await this.#proofOf(answer);
    } finally {
      cancel();
    }
  }

  async #post({ id, body }: NotifierMessage, signal: AbortSignal): Promise<Response> {
    const { url, secret, clock } = this.#options;
    try {
      return await this.#options.fetch(url, {
        method: 'POST',
        body,
        signal,
        redirect: 'error',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'idempotency-key': id,
          'user-agent': 'watchpost',
          'watchpost-signature': signatureOf(secret, body, Math.floor(clock.wallMs() / 1000)),
        },
      });
    } catch (cause) {
      throw new WatchpostError('WP3501', { detail: `${this.name}: ${reasonOf(cause)}`, cause });
    }
  }

  async #proofOf(answer: Response): Promise<DeliveryProof> {
    const text = await readBounded(answer);
    if (!answer.ok) throw new WatchpostError('WP3502', { detail: `${this.name}: ${answer.status}` });
    return {
      at: new Date(this.#options.clock.wallMs()).toISOString(),
      status: answer.status,
      responseId: answer.headers.get('x-request-id') ?? idIn(text),
    };
  }
}

/** What the receiver computes to check a message; `atS` is also how it refuses old ones. */
export function signatureOf(secret: string, body: string, atS: number): string {
  const mac = createHmac('sha256', secret).update(`${atS}.${body}`).digest('hex');
  return `t=${atS},v1=${mac}`;
}

/** The beginning of the body; an answer that breaks off has been an answer all the same. */
async function readBounded(answer: Response): Promise<string> {
  if (answer.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= MAX_ANSWER_BYTES) break;
    }
  } catch (cause) {
    return `unreadable: ${reasonOf(cause)}`;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function idIn(text: string): string | null {
  const match = /"(?:id|messageId|message_id)"\s*:\s*"([^"]{1,100})"/.exec(text);
  return match?.[1] ?? null;
}

/** fetch says only "fetch failed"; why is in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
