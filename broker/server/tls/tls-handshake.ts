import type { ErrorCode } from '#contract/errors.ts';

/** What OpenSSL calls it, and what we do. Everything else is WP3314. */
const CODES: readonly [RegExp, ErrorCode][] = [
  [/^ERR_SSL_(UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|.*ALERT_PROTOCOL_VERSION)$/, 'WP3310'],
  [
    /^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE|UNKNOWN_PROTOCOL)$/,
    'WP3311',
  ],
  [
    /^ERR_SSL_.*ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|DECRYPT_ERROR)$/,
    'WP3312',
  ],
];

/** The code for a handshake that came to nothing. */
export function codeOfHandshake(error: Error): ErrorCode {
  const name = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CODES.find(([pattern]) => pattern.test(name))?.[1] ?? 'WP3314';
}
