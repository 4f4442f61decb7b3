import * as z from 'zod';
import { Name } from './names.ts';

/** What lies in a device's folder, or on its card, that `provision` has made (docs/provisioning.md). */
export const CARD = {
  /** Who it is and whom it calls. */
  facts: 'device.json',
  /** Leads to the folder with key and certificate of now. */
  identity: 'identity',
  /** The two slots (docs/slots.md). */
  slots: 'slots',
  /** Bundles that wait to be installed. */
  inbox: 'inbox',
  /** The agent's own: journal, evidence. */
  data: 'data',
} as const;

/** `mqtts://host:port`; plain `mqtt://` for development on loopback. */
const BrokerUrl = z
  .string()
  .max(300)
  .regex(/^mqtts?:\/\/[^/?#@\s]+$/, 'use mqtts://host:port');

/** `device.json`: what the agent needs to know before it reads its profile. What a newer version adds is passed over. */
export const DeviceCard = z.object({
  format: z.literal(1),
  site: Name,
  device: Name,
  /** Tried in this order. */
  brokers: z.array(BrokerUrl).min(1).max(32),
  madeAt: z.iso.datetime(),
  /** A further folder that bundles may come by, such as a mounted boot partition. */
  inbox: z.string().min(1).max(300).optional(),
});
export type DeviceCard = z.infer<typeof DeviceCard>;
