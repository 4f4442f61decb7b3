import type { ErrorEntry } from './entry.ts';

/** What goes wrong with certificates and with who is who (docs/identity.md). */
export const IDENTITY_ERRORS = {
  // 33xx identity
  WP3301: {
    message: 'The client showed no certificate.',
    hint: 'Give the device its key.pem and cert.pem (--identity); the site lets nobody in without.',
    retryable: false,
  },
  WP3302: {
    message: 'The client’s certificate is signed by itself.',
    hint: 'Issue it by the authority in the broker’s tls/ca.crt.',
    retryable: false,
  },
  WP3303: {
    message: 'The client’s certificate is from another authority.',
    hint: 'Issue it by the authority in the broker’s tls/ca.crt, or add that authority there.',
    retryable: false,
  },
  WP3304: {
    message: 'The client’s certificate has ended.',
    hint: 'Issue a new one; a connection that was open before goes on.',
    retryable: false,
  },
  WP3305: {
    message: 'The client’s certificate is not valid yet.',
    hint: 'Look at the clock of the site, and of whoever issued the certificate.',
    retryable: true,
  },
  WP3306: {
    message: 'The client’s certificate was revoked.',
    hint: 'It stands in tls/ca.crl. A device that is in use again gets a new certificate.',
    retryable: false,
  },
  WP3307: {
    message: 'The CN of the client’s certificate is no name of the site.',
    hint: 'Use one CN: {site}.{device}, svc.{name} or user.{name}, each part 1 to 32 of a-z, 0-9 and -.',
    retryable: false,
  },
  WP3308: {
    message: 'The certificate is not for clients.',
    hint: 'Issue it with the extended key usage clientAuth, or with none.',
    retryable: false,
  },
  WP3309: {
    message: 'OpenSSL does not accept the client’s certificate.',
    hint: 'The log names its reason; look at the chain and its constraints.',
    retryable: false,
  },
  WP3310: {
    message: 'The client speaks an old version of TLS.',
    hint: 'Use TLS 1.2 or 1.3.',
    retryable: false,
  },
  WP3311: {
    message: 'The client does not speak TLS on the TLS port.',
    hint: 'Use mqtts:// there.',
    retryable: false,
  },
  WP3312: {
    message: 'The client does not trust the site’s certificate.',
    hint: 'Look at ca.pem and the clock of the device, and at the end of the site’s certificate.',
    retryable: true,
  },
  WP3313: {
    message: 'The new TLS files cannot be used; the old ones stay.',
    hint: 'Put files that fit together into tls/, each by renaming a finished one into place.',
    retryable: true,
  },
  WP3314: {
    message: 'The TLS handshake came to nothing.',
    hint: 'The log names the reason; a client that gives up or is cut off ends so, too.',
    retryable: true,
  },
  WP3315: {
    message: 'The list of revoked certificates cannot be used.',
    hint: 'Put a list in PEM, signed by an authority of tls/ca.crt, into tls/ca.crl; an empty one is a list, too.',
    retryable: false,
  },
  WP3316: {
    message: 'A certificate ends within 30 days.',
    hint: 'Renew it; the site’s own is taken into use without a restart.',
    retryable: false,
  },
  WP3317: {
    message: 'The site’s own certificate has ended.',
    hint: 'Devices with a clock refuse it. Replace tls/server.crt; no restart is needed.',
    retryable: false,
  },
  WP3318: {
    message: 'The list of revoked certificates is older than its authority promised.',
    hint: 'It goes on being used; publish a new tls/ca.crl.',
    retryable: false,
  },
  WP3319: {
    message: 'The clock of the site is not set.',
    hint: 'Set it. Until then certificates that are not valid yet are let in, and ended ones are known late.',
    retryable: false,
  },
  WP3320: {
    message: 'Two connections take a session from each other.',
    hint: 'Look whether two devices have the same identity, or one has a link that keeps breaking.',
    retryable: false,
  },
  WP3321: {
    message: 'The certificate names a person whom the site does not know.',
    hint: 'Add the person, or revoke the certificate.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
