import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { BUILT_AT_MS } from '#agent/core/device-clock.ts';
import { readIdentity, TcpTransport } from '#agent/link/transport.ts';
import { WatchpostError } from '#contract/errors.ts';
import type { Check, Patient } from '../check.ts';
import { type Finding, failed, failedBy, ok, skipped } from '../finding.ts';
import { explained, REACH_LIMIT_MS } from '../reach.ts';

/**
 * A broker that refuses a certificate ends the connection after the handshake (TLS 1.3: the device's part of it is the
 * last). Over a slow network, or at a busy site, more than a second passes: taken for an ok, it would be a lie.
 */
const REFUSED_WITHIN_MS = 5_000;

/**
 * Opens a connection to each broker as the agent does, with the device's own certificate, and closes it before it says
 * who it is: a second CONNECT of the same device would end the agent's.
 */
export const brokerCheck: Check = {
  name: 'broker',
  examine: async (patient) => {
    if (patient.brokers.length === 0) return [skipped('broker', 'no address: give --broker')];
    return Promise.all(patient.brokers.map((url) => brokerFinding(patient, url)));
  },
};

async function brokerFinding({ machine, identityDir }: Patient, url: string): Promise<Finding> {
  const what = `broker ${url}`;
  const identity = () => (identityDir === null ? null : readIdentity(identityDir));
  const atMs = machine.nowMs() < BUILT_AT_MS ? BUILT_AT_MS : null;
  try {
    return await opened(what, new TcpTransport(identity, () => atMs).open(url));
  } catch (cause) {
    return failedBy(what, cause);
  }
}

function opened(what: string, stream: Duplex): Promise<Finding> {
  const isTls = stream instanceof TLSSocket;
  return new Promise((resolve) => {
    let isSecure = false;
    let timer = setTimeout(
      () => end(unreached(what, `no answer within ${REACH_LIMIT_MS / 1000} s`)),
      REACH_LIMIT_MS,
    );
    const end = (finding: Finding) => {
      clearTimeout(timer);
      stream.on('error', () => undefined);
      stream.destroy();
      resolve(finding);
    };
    stream.once('error', (error) => end(isSecure ? distrusted(what, refusal(error)) : failure(what, error)));
    stream.once('close', () =>
      end(isSecure ? distrusted(what, refusal(null)) : unreached(what, 'it ended the connection')),
    );
    if (!isTls) stream.once('connect', () => end(ok(what, 'answers')));
    else
      stream.once('secureConnect', () => {
        isSecure = true;
        clearTimeout(timer);
        timer = setTimeout(() => end(ok(what, trustShown(stream))), REFUSED_WITHIN_MS);
      });
  });
}

const trustShown = (socket: TLSSocket): string =>
  `answers, and each trusts the other's certificate; the broker's is valid until ${socket.getPeerCertificate().valid_to}`;

const refusal = (error: Error | null): string =>
  `the broker refused this device's certificate${error === null ? '' : `: ${error.message}`}`;

const TLS_REASONS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the broker has ended',
  CERT_NOT_YET_VALID: 'the certificate of the broker is not valid yet, by the clock here',
  SELF_SIGNED_CERT_IN_CHAIN: 'the broker is not of the authority in ca.pem',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the broker is not of the authority in ca.pem',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the broker is not of the authority in ca.pem',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the broker is not of the authority in ca.pem',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the broker is for another name',
};

function failure(what: string, error: Error): Finding {
  if (error instanceof WatchpostError) return failedBy(what, error);
  const code = 'code' in error ? String(error.code) : '';
  const reason = TLS_REASONS[code];
  if (reason !== undefined) return distrusted(what, `${reason}, ${code}`, REMEDIES[code]);
  if (/^ERR_(SSL|TLS)/.test(code) || code === 'EPROTO') return distrusted(what, explained(error));
  return unreached(what, explained(error));
}

const RENEW = 'on the machine of the site: scripts/watchpost site --help says how its certificate is renewed';
const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: RENEW,
  ERR_TLS_CERT_ALTNAME_INVALID: RENEW,
  CERT_NOT_YET_VALID: 'sudo timedatectl set-ntp true',
};

function distrusted(what: string, detail: string, remedy?: string): Finding {
  return failed(what, { code: 'WP4715', detail, ...(remedy === undefined ? {} : { remedy }) });
}

function unreached(what: string, detail: string): Finding {
  const host = URL.parse(what.slice('broker '.length))?.hostname ?? '';
  const remedy = `ping -c 3 ${host}; and on the machine of the site: scripts/watchpost service status broker`;
  return failed(what, { code: 'WP4714', detail, ...(host === '' ? {} : { remedy }) });
}
