import * as z from 'zod';
import { DRIVER_SCHEMAS } from '#agent/driver-catalogue.ts';
import { DeviceProfile } from '#agent/ports/profile.ts';
import type { DriverRole } from '#agent/profile/driver-uses.ts';
import { SiteFile } from '../profiles/site-file.ts';
import { withComments } from './key-comments.ts';

const HOME = 'https://watchpost.example/schemas';

/** Where a driver is named, by the path of the schema (`[]` for an entry of a list), and what it makes there. */
const DRIVERS: Readonly<Record<string, DriverRole>> = {
  'boards[].with': 'board',
  'inputs[].with': 'input',
  'sensors[].with': 'sensor',
  'actuators[].with': 'actuator',
  lamp: 'lamp',
  siren: 'siren',
  speaker: 'speaker',
  base: 'base',
  'camera.with': 'camera',
};

/**
 * The JSON Schema of profiles as people write them, for editors: with `extends`, each key of a mapping optional (a
 * template or the site may give it) or null (which takes it away), and each driver with its own keys. Lists replace
 * lists, so that their entries are whole. Closed.
 */
export function profileSourceSchema(): object {
  const { $schema, ...bare } = z.toJSONSchema(DeviceProfile, { io: 'input' });
  const profile = withComments(bare, 'agent/ports/profile.ts', 'DeviceProfile');
  const { properties, ...rest } = open(profile, '');
  const parent = { type: 'string', description: 'The template that this is laid over, from this file on.' };
  return {
    $schema,
    $id: `${HOME}/profile-source.schema.json`,
    ...rest,
    properties: { extends: parent, ...properties },
  };
}

/** The JSON Schema of site files, for editors. */
export function siteFileSchema(): object {
  const { $schema, ...bare } = z.toJSONSchema(SiteFile, { io: 'input' });
  const site = Node.parse(withComments(bare, 'scripts/profiles/site-file.ts', 'SiteFile'));
  const { devices, ...properties } = Node.parse(site).properties ?? {};
  const entries = Node.parse(devices);
  const device = withComments(entries.additionalProperties, 'agent/ports/profile.ts', 'DeviceProfile');
  const entry = open(device, '');
  return {
    $schema,
    $id: `${HOME}/site.schema.json`,
    ...site,
    properties: { ...properties, devices: { ...entries, additionalProperties: entry } },
  };
}

const Node = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
});
type Node = z.infer<typeof Node>;

/** A mapping with nothing required. */
function open(schema: unknown, path: string): Node {
  const role = Object.hasOwn(DRIVERS, path) ? DRIVERS[path] : undefined;
  if (role !== undefined) return { anyOf: driversOf(role).map((driver) => open(driver, `${path}.`)) };
  const { required, properties, additionalProperties, ...rest } = Node.parse(schema);
  const isRecord = typeof additionalProperties === 'object' && additionalProperties !== null;
  return {
    ...rest,
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: isRecord ? orNull(additionalProperties) : additionalProperties }),
    ...(properties === undefined ? {} : { properties: optional(properties, path) }),
  };
}

function optional(properties: Readonly<Record<string, unknown>>, path: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => {
      const itsPath = path === '' ? key : `${path}.${key}`;
      const { items } = Node.parse(value);
      const inner = items === undefined ? open(value, itsPath) : whole(value, itsPath);
      return [key, orNull(inner)];
    }),
  );
}

/** As it stands, but for the drivers in it. */
function whole(schema: unknown, path: string): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const role = Object.hasOwn(DRIVERS, path) ? DRIVERS[path] : undefined;
  if (role !== undefined) return { anyOf: driversOf(role) };
  const { properties, items, ...rest } = Node.parse(schema);
  const entries = Object.entries(properties ?? {});
  const inner = entries.map(([key, value]) => [key, whole(value, `${path}.${key}`)]);
  return {
    ...rest,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(inner) }),
    ...(items === undefined ? {} : { items: whole(items, `${path}[]`) }),
  };
}

/** Where the schemas of drivers are declared whose keys have comments, by driver and role. */
const DECLARED: Readonly<Record<string, Partial<Record<DriverRole, string>>>> = {
  firmata: {
    board: 'FirmataBoardConfig',
    input: 'FirmataContactConfig',
    lamp: 'FirmataOutputConfig',
    siren: 'FirmataOutputConfig',
    sensor: 'FirmataSensorConfig',
    actuator: 'FirmataServoConfig',
  },
  gpio: { input: 'GpioInputConfig', lamp: 'GpioOutputConfig', siren: 'GpioOutputConfig' },
  gnss: { input: 'GnssInputConfig', sensor: 'GnssSensorConfig' },
  exec: { sensor: 'ExecConfig' },
  sim: { sensor: 'SimSensorConfig', base: 'SimBaseConfig' },
  supervised: { input: 'SupervisedConfig' },
};

function driversOf(role: DriverRole): unknown[] {
  return Object.entries(DRIVER_SCHEMAS[role]).map(([driver, schema]) => {
    const { $schema: _same, ...body } = z.toJSONSchema(schema, { io: 'input' });
    const name = Object.hasOwn(DECLARED, driver) ? DECLARED[driver]?.[role] : undefined;
    return name === undefined ? body : withComments(body, `agent/drivers/${driver}/config.ts`, name);
  });
}

const orNull = (schema: unknown): object => ({ anyOf: [schema, { type: 'null' }] });
