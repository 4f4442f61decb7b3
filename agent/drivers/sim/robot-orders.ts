import * as z from 'zod';
import { WatchpostError } from '#contract/errors.ts';
import type { SimBody } from './body.ts';

const metres = z.number().min(-10_000).max(10_000);

/** What can be done to a simulated robot (`watchpost sim robot …`). */
export const RobotOrder = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.enum(['emergency-stop', 'bumper', 'lifted']),
    state: z.enum(['pressed', 'released']),
  }),
  z.strictObject({ do: z.literal('tilt'), degrees: z.number().min(-180).max(180) }),
  z.strictObject({
    do: z.literal('wheel'),
    wheel: z.enum(['left', 'right']),
    state: z.enum(['stuck', 'free']),
  }),
  z.strictObject({ do: z.literal('push'), x: metres, y: metres, theta: z.number().default(0) }),
  z.strictObject({ do: z.literal('localisation'), state: z.enum(['lost', 'found']) }),
  z.strictObject({ do: z.literal('battery'), charge: z.number().min(0).max(1) }),
  z.strictObject({ do: z.literal('door'), name: z.string(), state: z.enum(['open', 'closed', 'turns']) }),
  z.strictObject({ do: z.literal('obstacle'), x: metres, y: metres, radiusM: z.number().min(0.01).max(20) }),
  z.strictObject({ do: z.literal('clear') }),
  z.strictObject({ do: z.literal('sight'), state: z.enum(['blind', 'clear']) }),
  z.strictObject({ do: z.literal('base'), state: z.enum(['silent', 'answers']) }),
]);
export type RobotOrder = z.infer<typeof RobotOrder>;

/** @throws WatchpostError WP2310 for an order that is none, WP2312 for a door that is not there */
export function obeyed(body: SimBody, asked: unknown): void {
  const parsed = RobotOrder.safeParse(asked);
  if (!parsed.success) {
    throw new WatchpostError('WP2310', { detail: parsed.error.issues[0]?.message ?? 'unreadable' });
  }
  obey(body, parsed.data);
}

function obey(body: SimBody, order: RobotOrder): void {
  switch (order.do) {
    case 'emergency-stop':
      body.hold('emergencyStop', order.state);
      return;
    case 'bumper':
    case 'lifted':
      body.hold(order.do, order.state);
      return;
    case 'wheel':
      body.stick(order.wheel, order.state);
      return;
    case 'push':
      body.push(order);
      return;
    case 'battery':
      body.setCharge(order.charge);
      return;
    case 'door':
      moveDoor(body, order);
      return;
    case 'obstacle':
      body.hall.put(order);
      return;
    case 'clear':
      body.hall.clear();
      return;
    case 'tilt':
      body.tiltDeg = order.degrees;
      return;
    case 'localisation':
      body.placeError.isLost = order.state === 'lost';
      return;
    case 'sight':
      body.isBlind = order.state === 'blind';
      return;
    case 'base':
      body.isSilent = order.state === 'silent';
      return;
  }
}

function moveDoor(
  { hall }: SimBody,
  { name, state }: { name: string; state: 'open' | 'closed' | 'turns' },
): void {
  if (!hall.doors.includes(name)) {
    const known =
      hall.doors.length === 0 ? 'This hall has none.' : `This hall has: ${hall.doors.join(', ')}.`;
    throw new WatchpostError('WP2312', { detail: `door ${name}`, hint: known });
  }
  hall.setDoor(name, state);
}
