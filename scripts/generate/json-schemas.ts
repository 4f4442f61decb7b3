import * as z from 'zod';
import { Envelope } from '#contract/envelope.ts';
import { EVENT_DATA } from '#contract/event-data.ts';
import {
  DeviceItem,
  Enrolment,
  EnrolmentItem,
  EventItem,
  IncidentActionBody,
  IncidentDetail,
  IncidentItem,
  NewTokenItem,
  PersonItem,
  Problem,
  SessionItem,
  TokenItem,
} from '#contract/http.ts';
import {
  COMMAND_ARGS,
  Command,
  CommandReply,
  DeviceState,
  IncidentNotice,
  Receipt,
} from '#contract/messages.ts';

const ID_ROOT = 'https://watchpost.example/schemas/';

/** JSON Schema (2020-12) of every message, event type, command and HTTP item, by file name. */
export function jsonSchemas(): Map<string, object> {
  const sources: [string, z.ZodType][] = [
    ['envelope', Envelope],
    ['state', DeviceState],
    ['receipt', Receipt],
    ['incident', IncidentNotice],
    ['command', Command],
    ['reply', CommandReply],
    ['http.problem', Problem],
    ['http.device', DeviceItem],
    ['http.incident', IncidentItem],
    ['http.incident-detail', IncidentDetail],
    ['http.incident-action', IncidentActionBody],
    ['http.event', EventItem],
    ['http.session', SessionItem],
    ['http.person', PersonItem],
    ['http.enrolment', Enrolment],
    ['http.enrolment-item', EnrolmentItem],
    ['http.token', TokenItem],
    ['http.new-token', NewTokenItem],
  ];
  for (const [type, schema] of Object.entries(EVENT_DATA)) sources.push([`data.${type}`, schema]);
  for (const [name, schema] of Object.entries(COMMAND_ARGS)) sources.push([`args.${name}`, schema]);
  return new Map(sources.map(([name, schema]) => [name, withId(name, schema)]));
}

function withId(name: string, schema: z.ZodType): object {
  const { $schema, ...body } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, $id: `${ID_ROOT}${name}.schema.json`, ...body };
}
