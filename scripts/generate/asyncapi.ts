import { readFileSync } from 'node:fs';
import { EVENT_LANES } from '#contract/event-types.ts';
import { LANES, type Lane, TOPIC_ROOT } from '#contract/topics.ts';

interface Channel {
  readonly name: string;
  readonly level: string;
  readonly direction: 'up' | 'down';
  readonly about: string;
  readonly messages: readonly string[];
}

const PLAIN_CHANNELS: readonly Channel[] = [
  {
    name: 'state',
    level: 'up/state',
    direction: 'up',
    about: 'Retained, and the last will.',
    messages: ['state'],
  },
  { name: 'reply', level: 'up/reply', direction: 'up', about: 'Outcome of a command.', messages: ['reply'] },
  {
    name: 'receipt',
    level: 'down/receipt',
    direction: 'down',
    about: 'What the ledger has on disk, cumulative by epoch and lane.',
    messages: ['receipt'],
  },
  {
    name: 'incident',
    level: 'down/incident',
    direction: 'down',
    about: 'Where an incident stands; sent again at every SUBSCRIBE.',
    messages: ['incident'],
  },
  {
    name: 'command',
    level: 'down/command',
    direction: 'down',
    about: 'Never retained, never queued.',
    messages: ['command'],
  },
];

/** The wire as an AsyncAPI 3.0 document; payloads refer to the JSON Schemas beside it. */
export function asyncApiDocument(): object {
  const channels = [...LANES.map(laneChannel), ...PLAIN_CHANNELS];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Watchpost wire',
      version: packageVersion(),
      description: 'MQTT 3.1.1, QoS 1, clean session. Devices publish under up/, the site under down/.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries([...channels.map(channelEntry), blobEntry('up'), blobEntry('down')]),
    operations: Object.fromEntries(channels.map(operationEntry)),
    components: {
      messages: Object.fromEntries(
        [...new Set(channels.flatMap(({ messages }) => messages))].map(messageEntry),
      ),
    },
  };
}

function laneChannel(lane: Lane): Channel {
  const messages = Object.entries(EVENT_LANES)
    .filter(([, itsLane]) => itsLane === lane)
    .map(([type]) => type);
  return { name: lane, level: `up/${lane}`, direction: 'up', about: `Events of the ${lane} lane.`, messages };
}

const ADDRESS_PARAMETERS = {
  site: { description: 'The site: [a-z0-9-]{1,32}' },
  device: { description: 'The device: [a-z0-9-]{1,32}' },
};

function channelEntry({ name, level, about, messages }: Channel): [string, object] {
  return [
    name,
    {
      address: `${TOPIC_ROOT}/{site}/{device}/${level}`,
      description: about,
      parameters: ADDRESS_PARAMETERS,
      messages: Object.fromEntries(
        messages.map((message) => [message, { $ref: `#/components/messages/${message}` }]),
      ),
    },
  ];
}

function blobEntry(direction: 'up' | 'down'): [string, object] {
  return [
    `${direction}-blob`,
    {
      address: `${TOPIC_ROOT}/{site}/{device}/${direction}/blob/{blobId}/{piece}`,
      description: 'One piece of at most 64 KiB of a content, counted from 0; raw bytes.',
      parameters: {
        ...ADDRESS_PARAMETERS,
        blobId: { description: '[A-Za-z0-9-]{1,64}' },
        piece: { description: 'Number of the piece, from 0' },
      },
      messages: {
        piece: { contentType: 'application/octet-stream', payload: { type: 'string', format: 'binary' } },
      },
    },
  ];
}

function operationEntry({ name, direction }: Channel): [string, object] {
  return [
    direction === 'up' ? `device-says-${name}` : `site-says-${name}`,
    {
      action: direction === 'up' ? 'receive' : 'send',
      channel: { $ref: `#/channels/${name}` },
      summary: `${direction === 'up' ? 'A device to the site' : 'The site to a device'}: ${name}`,
    },
  ];
}

function messageEntry(name: string): [string, object] {
  if (!Object.hasOwn(EVENT_LANES, name))
    return [name, { name, payload: { $ref: `./schemas/${name}.schema.json` } }];
  return [
    name,
    {
      name,
      payload: {
        allOf: [
          { $ref: './schemas/envelope.schema.json' },
          { properties: { type: { const: name }, data: { $ref: `./schemas/data.${name}.schema.json` } } },
        ],
      },
    },
  ];
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(version);
}
