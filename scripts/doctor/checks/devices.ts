import { accessSync, constants } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { pathOf } from '#agent/drivers/firmata/serial-line.ts';
import { findDevice } from '#agent/drivers/kernel-files/find-device.ts';
import { builtOver, type DriverUse, driverUses } from '#agent/profile/driver-uses.ts';
import type { Check } from '../check.ts';
import { type Finding, failed, failedBy, ok, skipped } from '../finding.ts';
import { listSystem, type Machine } from '../machine.ts';
import { reach } from '../reach.ts';

const RTSP_PORT = 554;

/** The devices that the profile names beside GPIO lines: boards, receivers, sensors of the kernel, programs, the camera. */
export const devicesCheck: Check = {
  name: 'devices',
  examine: async ({ machine, profile }) => {
    if (profile === null) return [];
    const direct = driverUses(profile);
    const uses = [...direct, ...direct.flatMap(builtOver)];
    const found: Finding[] = [];
    for (const use of uses) found.push(...(await useFindings(machine, use)));
    const simulated = uses.filter(({ config }) => config.driver === 'sim').length;
    if (simulated > 0) found.push(skipped('devices', `${simulated} parts of the profile are simulated`));
    return found;
  },
};

async function useFindings(machine: Machine, use: DriverUse): Promise<Finding[]> {
  const { role, path, config } = use;
  const what = `${role} ${path.replace(/\.with\b/, '')}`;
  switch (config.driver) {
    case 'firmata':
      return role === 'board' ? [fileFinding(machine, what, pathOf(String(config.port)))] : [];
    case 'gnss':
    case 'modem':
      return receiverFinding(machine, what, config);
    case 'iio':
    case 'hwmon':
    case 'power':
      return [await kernelFinding(machine, what, config)];
    case 'exec':
      return [programFinding(machine, what, String(config.command))];
    case 'gstreamer':
      return [await cameraFinding(machine, what, String(config.source))];
    default:
      return [];
  }
}

async function receiverFinding(
  machine: Machine,
  what: string,
  config: DriverUse['config'],
): Promise<Finding[]> {
  if (typeof config.serial === 'string') return [fileFinding(machine, what, config.serial)];
  if (typeof config.gpsd !== 'string') return [];
  const [host = '', port = ''] = config.gpsd.split(':');
  const remedy = 'sudo systemctl enable --now gpsd.socket';
  return [await netFinding(what, { host, port: Number(port), remedy })];
}

async function kernelFinding(machine: Machine, what: string, config: DriverUse['config']): Promise<Finding> {
  if (config.driver === 'power') {
    const there = listSystem(machine, '/sys/class/power_supply');
    const supply = String(config.supply);
    if (there.includes(supply)) return ok(what, supply);
    return failed(what, { code: 'WP4720', detail: `${supply}; there: ${there.join(', ') || 'none'}` });
  }
  const folder = config.driver === 'iio' ? '/sys/bus/iio/devices' : '/sys/class/hwmon';
  const at = typeof config.at === 'string' ? config.at : undefined;
  try {
    const found = await findDevice({ folder: join(machine.root, folder), device: String(config.device), at });
    return ok(what, `${String(config.device)} is ${found.slice(machine.root.length).replace(/^\/?/, '/')}`);
  } catch (cause) {
    return failedBy(what, cause, 'WP4720');
  }
}

async function cameraFinding(machine: Machine, what: string, source: string): Promise<Finding> {
  if (source.startsWith('v4l2://')) return fileFinding(machine, what, source.slice('v4l2://'.length));
  if (/^rtsps?:\/\//.test(source)) return networkCamera(what, source);
  if (source.includes('://')) return skipped(what, `${source} is no camera of this machine`);
  return isAbsolute(source) ? fileFinding(machine, what, source) : skipped(what, `${source} is a film`);
}

/** Its address without the password that it may carry. */
async function networkCamera(what: string, source: string): Promise<Finding> {
  const { hostname, port } = URL.parse(source) ?? {};
  if (!hostname) return failed(what, { code: 'WP4720', detail: 'the address of the camera has no host' });
  const remedy = `ping -c 3 ${hostname}; is the camera powered, and in this network?`;
  return netFinding(what, {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || RTSP_PORT,
    remedy,
  });
}

async function netFinding(
  what: string,
  { host, port, remedy }: { host: string; port: number; remedy: string },
): Promise<Finding> {
  const problem = await reach(host, port);
  if (problem === null) return ok(what, `${host}:${port} answers`);
  return failed(what, { code: 'WP4720', detail: `${host}:${port}: ${problem}`, remedy });
}

function fileFinding(machine: Machine, what: string, path: string): Finding {
  const error = accessError(join(machine.root, path), constants.R_OK);
  if (error === null) return ok(what, path);
  if (error === 'EACCES') return failed(what, { code: 'WP4721', detail: path });
  return failed(what, { code: 'WP4720', detail: path });
}

function programFinding(machine: Machine, what: string, path: string): Finding {
  const error = accessError(join(machine.root, path), constants.X_OK);
  if (error === null) return ok(what, path);
  if (error === 'EACCES')
    return failed(what, { code: 'WP4721', detail: path, remedy: `sudo chmod +x ${path}` });
  return failed(what, {
    code: 'WP4720',
    detail: path,
    remedy: `put the program at ${path}, or correct the profile`,
  });
}

function accessError(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  }
}
