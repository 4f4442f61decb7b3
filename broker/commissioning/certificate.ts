import type { KnownDevice } from '#broker/incidents/ports.ts';
import type { AuditHead } from '#broker/persistence/ledger/audit-log.ts';
import { Certificate } from '#contract/commission/certificate.ts';
import { type Doer, type Run, resultOf } from '#contract/commission/run.ts';
import { bundleOf, type KnownCertificate } from './steps/facts.ts';

export interface CertificateParts {
  readonly device: KnownDevice;
  readonly certificate: KnownCertificate | null;
  readonly finishedAt: string;
  readonly finishedBy: Doer;
  readonly remark: string | null;
  readonly audit: AuditHead;
  readonly version: string;
}

/** What is to be signed of a run: what was found, with what of the device it can be told apart by. */
export function certificateOf(run: Run, parts: CertificateParts): Certificate {
  const { device, certificate, audit, version } = parts;
  const { state } = device;
  const bundle = bundleOf(state);
  return Certificate.parse({
    ...{ format: 1, id: run.id, site: device.site, device: device.device, place: device.place },
    profile: state?.profile === undefined ? null : profileOf(state.profile),
    serials: {
      certificate: certificate?.serial ?? null,
      certificateExpiresAt: certificate?.expiresAt ?? null,
      bundle: bundle === null ? null : { generation: bundle.generation, digest: bundle.digest },
      versions: state?.versions ?? {},
      parts: serialsIn(state),
    },
    ...{ startedAt: run.startedAt, startedBy: run.startedBy },
    ...{ finishedAt: parts.finishedAt, finishedBy: parts.finishedBy },
    ...{ result: resultOf(run.steps), remark: parts.remark },
    steps: run.steps.map(({ prompt: _, ...step }) => step),
    madeBy: { broker: version, auditRow: audit.row, auditHash: audit.hash },
  });
}

const profileOf = ({ name, version, kind }: { name: string; version: number; kind: string }) => ({
  ...{ name, version, kind },
});

/** Of boards, modems and the like, where the device tells them. */
function serialsIn(state: object | null): Record<string, string> {
  const serials = state !== null && 'serials' in state ? state.serials : null;
  if (typeof serials !== 'object' || serials === null) return {};
  return Object.fromEntries(
    Object.entries(serials).flatMap(([part, serial]) =>
      typeof serial === 'string' ? [[part, serial.slice(0, 100)]] : [],
    ),
  );
}
