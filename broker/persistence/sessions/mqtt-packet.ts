import * as z from 'zod';

/** What the persistence touches of a packet of aedes; other fields travel along. */
export interface StoredPacket {
  cmd?: string | undefined;
  topic?: string | undefined;
  payload?: Buffer | string | undefined;
  qos?: number | undefined;
  retain?: boolean | undefined;
  dup?: boolean | undefined;
  brokerId?: string | null | undefined;
  brokerCounter?: number | undefined;
  messageId?: number | undefined;
  clientId?: string | undefined;
}

/** A packet in two columns: everything but the payload as JSON, and the payload as it is. */
export interface PacketRow {
  readonly packet: string;
  readonly payload: Buffer | string | null;
}

export function packetRow(packet: object): PacketRow {
  const { payload, ...rest }: StoredPacket = packet;
  return { packet: JSON.stringify(rest), payload: payload ?? null };
}

const Rest = z.looseObject({
  cmd: z.string().optional(),
  topic: z.string().optional(),
  qos: z.number().optional(),
  retain: z.boolean().optional(),
  dup: z.boolean().optional(),
  brokerId: z.string().nullable().optional(),
  brokerCounter: z.number().optional(),
  messageId: z.number().optional(),
  clientId: z.string().optional(),
});

export function packetOf({ packet, payload }: PacketRow): StoredPacket {
  return { ...Rest.parse(JSON.parse(packet)), ...(payload === null ? {} : { payload }) };
}
