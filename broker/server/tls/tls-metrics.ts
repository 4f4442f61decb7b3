import { Gauge, type Registry } from 'prom-client';
import type { TlsStatus } from './tls-port.ts';

/** What an operator watches of the TLS listener (docs/identity.md); read when somebody asks. */
export function tlsMetrics(registry: Registry, status: () => TlsStatus | null): void {
  const gauge = (name: string, help: string, read: (status: TlsStatus) => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        const now = status();
        if (now !== null) this.set(read(now));
      },
    });
  gauge(
    'watchpost_tls_certificate_expires_seconds',
    'When the site’s own certificate ends, as Unix time.',
    ({ expiresMs }) => expiresMs / 1000,
  );
  gauge(
    'watchpost_tls_not_loaded',
    '1 while the files in the folder tls cannot be used and older ones are.',
    ({ notLoaded }) => Number(notLoaded !== null),
  );
  gauge(
    'watchpost_tls_revoked_certificates',
    'Certificates that an authority has taken back.',
    ({ revoked }) => revoked,
  );
  gauge(
    'watchpost_tls_clock_behind',
    '1 while the clock of the site stands before its own certificate.',
    ({ isClockBehind }) => Number(isClockBehind),
  );
}
