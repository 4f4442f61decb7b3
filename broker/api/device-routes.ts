import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { IncidentView } from '#broker/incidents/incident-view.ts';
import type { DeviceDirectory, KnownDevice } from '#broker/incidents/ports.ts';
import { WatchpostError } from '#contract/errors.ts';
import { CommandBody, type DeviceItem, type Page } from '#contract/http.ts';
import { clientIdOf } from '#contract/names.ts';
import type { Authentication } from './authentication.ts';
import type { CommandDesk } from './command-desk.ts';
import { addressIn, DeviceParams, idIn } from './device-address.ts';

export interface DeviceParts {
  readonly authentication: Authentication;
  readonly devices: DeviceDirectory;
  readonly view: IncidentView;
  readonly commands: CommandDesk;
}

/** Devices are listed by id, and their ids are the cursor. */
const DevicesQuery = z.strictObject({
  after: z.string().max(65).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
});
const CommandParams = DeviceParams.extend({ command: z.string().max(64) });

export function deviceRoutes(scope: FastifyInstance, parts: DeviceParts): void {
  const { authentication, devices, view, commands } = parts;
  scope.get('/devices', async (request) => {
    authentication.person(request, 'read');
    return listDevices(parts, DevicesQuery.parse(request.query));
  });
  scope.get('/devices/:id', async (request) => {
    authentication.person(request, 'read');
    const device = devices.device(addressIn(request.params));
    if (device === null) throw new WatchpostError('WP3404', { detail: idIn(request.params) });
    return deviceItem(device, view);
  });
  scope.get('/devices/:id/tests', async (request) => {
    authentication.person(request, 'read');
    const address = addressIn(request.params);
    if (devices.device(address) === null)
      throw new WatchpostError('WP3404', { detail: idIn(request.params) });
    return { items: view.testsOf(address, 32), next: null };
  });
  scope.post('/devices/:id/commands', async (request, reply) => {
    const person = authentication.person(request, 'command');
    const body = CommandBody.parse(request.body);
    const item = await commands.issue(addressIn(request.params), body, person.name);
    return reply.code(item.reply === null ? 202 : 200).send(item);
  });
  scope.get('/devices/:id/commands/:command', async (request) => {
    authentication.person(request, 'read');
    return commands.get(addressIn(request.params), CommandParams.parse(request.params).command);
  });
}

export const deviceItem = (device: KnownDevice, view: IncidentView): DeviceItem => ({
  id: clientIdOf(device),
  site: device.site,
  device: device.device,
  online: device.online,
  lastSeenAt: device.lastSeenAt,
  place: device.place,
  state: device.state,
  openIncidentId: view.openIncidentOf(device),
  lastTest: view.testsOf(device, 1)[0] ?? null,
});

function listDevices(
  { devices, view }: DeviceParts,
  { after, limit }: z.infer<typeof DevicesQuery>,
): Page<DeviceItem> {
  const rest = devices
    .devices()
    .filter((device) => clientIdOf(device) > after)
    .sort((a, b) => (clientIdOf(a) < clientIdOf(b) ? -1 : 1));
  const items = rest.slice(0, limit).map((device) => deviceItem(device, view));
  return { items, next: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
}
