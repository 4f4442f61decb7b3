import type { ErrorEntry } from './entry.ts';

/** What goes wrong at the site. */
export const SITE_ERRORS = {
  // 30xx broker store
  WP3001: {
    message: 'The disk of the site’s database is full.',
    hint: 'Make room in the data folder; what was not confirmed is sent again by the devices.',
    retryable: true,
  },
  WP3002: {
    message: 'The site’s database could not be read or written.',
    hint: 'Look at the disk (dmesg, smartctl); the broker goes on when it works again.',
    retryable: true,
  },
  WP3003: {
    message: 'The site’s database is damaged.',
    hint: 'Stop the broker and restore the newest copy of the data folder.',
    retryable: false,
  },
  WP3004: {
    message: 'The site’s database is locked by another process.',
    hint: 'Another program has the file open for writing (a backup tool, the sqlite3 shell, a second broker): end it.',
    retryable: true,
  },
  WP3005: {
    message: 'The site’s database was written by a newer version.',
    hint: 'Start that version again, or restore the copy in backups/ made before it.',
    retryable: false,
  },
  WP3006: {
    message: 'The site’s database could not be brought to this version.',
    hint: 'Nothing was changed; the copy made before is in backups/.',
    retryable: false,
  },
  WP3007: {
    message: 'The site’s database could not be opened.',
    hint: 'The data folder must exist, belong to the user of the broker, and be on a disk that can be written (mount shows ro for one that cannot).',
    retryable: false,
  },
  WP3008: {
    message: 'The site’s database refused a statement.',
    hint: 'This is a fault of the program; please report it with the log.',
    retryable: false,
  },
  WP3009: {
    message: 'An effect after a commit failed.',
    hint: 'What was committed stands; this is a fault of the program.',
    retryable: false,
  },
  WP3010: { message: 'The site’s database is closed.', hint: 'The broker is stopping.', retryable: true },
  WP3011: {
    message: 'The disk did not confirm what was written.',
    hint: 'The broker confirms nothing more and ends; the next start reads the database back. Look at the disk (dmesg, smartctl) and replace it when this comes again.',
    retryable: true,
  },
  WP3012: {
    message: 'The site’s database is gone, though the folder has been in use.',
    hint: 'Restore the newest copy of the data folder.',
    retryable: false,
  },
  WP3101: {
    message: 'The packet is larger than the broker takes.',
    hint: 'Send envelopes of at most 64 KiB and blobs in pieces; the connection was cut before reading on.',
    retryable: false,
  },
  // 31xx broker server
  WP3102: {
    message: 'The connection did not speak MQTT 3.1.1.',
    hint: 'Connect with protocol level 4 (or 3); TLS and plain ports differ.',
    retryable: false,
  },
  WP3103: {
    message: 'The client id cannot be taken.',
    hint: 'Use at most 128 characters, {site}.{device} for a device.',
    retryable: false,
  },
  WP3104: {
    message: 'A step of the broker failed for one client.',
    hint: 'Its connection was ended; this is a fault of the program, please report it with the log.',
    retryable: true,
  },
  WP3105: {
    message: 'The MQTT address cannot be listened on.',
    hint: 'Another process has the port, or the right is missing; choose another with --mqtt.',
    retryable: false,
  },
  WP3106: {
    message: 'Plain MQTT is only for this machine.',
    hint: 'Listen on 127.0.0.1, or use --mqtts with certificates.',
    retryable: false,
  },
  WP3107: {
    message: 'The subscriber reads too slowly.',
    hint: 'More waited for it than may wait for a connection that does not keep up; a session that is kept gets it when its client returns.',
    retryable: true,
  },
  WP3110: {
    message: 'A session was ended because it was over its limits.',
    hint: 'Nothing but alarms was left to drop: its client is gone or does not keep up. Raise limits.sessions, or look for it; it subscribes anew when it returns.',
    retryable: false,
  },
  WP3111: {
    message: 'A session has expired.',
    hint: 'Its client was gone for longer than limits.sessions.expiryH; it subscribes anew when it returns.',
    retryable: false,
  },
  WP3112: {
    message: 'The broker keeps as many sessions as it may.',
    hint: 'Raise limits.sessions.sessions, or let clients that need no queue connect with a clean session.',
    retryable: true,
  },
  WP3120: {
    message: 'The broker has as many connections as it takes.',
    hint: 'Raise limits.connections.inAll, or look for the client that opens so many.',
    retryable: true,
  },
  WP3121: {
    message: 'One address has as many connections as it may.',
    hint: 'Where many share one address, raise limits.connections.perAddress, or for consoles access.connectionsPerAddress.',
    retryable: true,
  },
  WP3122: {
    message: 'One address connects too often.',
    hint: 'Where many devices share one address, raise limits.connections.connectsPerSecond and connectBurst.',
    retryable: true,
  },
  WP3123: {
    message: 'An unfinished connection gave way to a newer one.',
    hint: 'More than limits.connections.halfOpen had not finished CONNECT; somebody may be flooding the port.',
    retryable: true,
  },
  WP3124: {
    message: 'The client did not finish CONNECT in time.',
    hint: 'It has limits.connections.connectTimeoutS from opening the connection, TLS included.',
    retryable: true,
  },
  WP3125: {
    message: 'The topic is longer or deeper than the broker takes.',
    hint: 'See limits.connections.topicBytes and topicLevels; the connection was ended.',
    retryable: false,
  },
  WP3126: {
    message: 'The filter is longer or deeper than the broker takes.',
    hint: 'See limits.connections.topicBytes and topicLevels; the subscription was refused with 0x80.',
    retryable: false,
  },
  WP3127: {
    message: 'The client has as many subscriptions as it may.',
    hint: 'See limits.connections.subscriptions and wildcards; the subscription was refused with 0x80.',
    retryable: false,
  },
  WP3128: {
    message: 'The packet names more filters than the broker takes at once.',
    hint: 'See limits.connections.filtersAtOnce; subscribe in several packets.',
    retryable: false,
  },
  WP3129: {
    message: 'The client has too many QoS 2 messages without PUBREL.',
    hint: 'It must answer PUBREC with PUBREL; see limits.connections.qos2Unreleased.',
    retryable: true,
  },
  WP3130: {
    message: 'The client was silent for longer than one and a half of its keep-alive.',
    hint: 'Its network or the device itself is gone; it connects again when it is back.',
    retryable: true,
  },
  WP3131: {
    message: 'The client sends faster than its rate and is read more slowly.',
    hint: 'Nothing is lost; see limits.connections.messagesPerSecond and bytesPerSecond.',
    retryable: true,
  },
  WP3132: {
    message: 'The connection ended with an error.',
    hint: 'A network that breaks does this; the client connects again.',
    retryable: true,
  },
  WP3133: {
    message: 'The broker is starting or stopping.',
    hint: 'Wait; when it lasts, the log says what it waits for.',
    retryable: true,
  },
  WP3134: {
    message: 'The site’s database takes nothing at the moment.',
    hint: 'The log says why (a full disk, a lock); nobody is confirmed until it works again.',
    retryable: true,
  },
  WP3135: {
    message: 'The site’s disk is nearly full.',
    hint: 'Make room in the data folder, or shorten the retention; see monitoring.diskFreeMinMiB.',
    retryable: true,
  },
  WP3140: {
    message: 'The client broke a rule of MQTT 3.1.1.',
    hint: 'The detail names the statement of the standard; the connection was ended, as it asks.',
    retryable: false,
  },
  WP3141: {
    message: 'The client speaks a version of MQTT that the broker does not.',
    hint: 'Connect with MQTT 3.1.1 (protocol level 4); MQTT 5 is answered with return code 1.',
    retryable: false,
  },
  // 32xx incidents
  WP3201: {
    message: 'The incident cannot go back.',
    hint: 'Take a later step; a closed incident is only reviewed.',
    retryable: false,
  },
  WP3202: {
    message: 'There is no such incident.',
    hint: 'List them with GET /api/v1/incidents.',
    retryable: false,
  },
  // 33xx identity
  WP3300: {
    message: 'The client is not who it says.',
    hint: 'With TLS the client id must be the CN of the certificate.',
    retryable: false,
  },
  WP3350: {
    message: 'Nobody is signed in.',
    hint: 'Send Authorization: Bearer TOKEN, or POST the token to /api/v1/session.',
    retryable: false,
  },
  WP3351: {
    message: 'The token, name or password is not right.',
    hint: 'Use the token in admin.token of the broker’s data folder, or one that your site gave you.',
    retryable: false,
  },
  WP3352: {
    message: 'There were too many wrong attempts from this address.',
    hint: 'Wait as long as Retry-After says.',
    retryable: true,
  },
  WP3353: {
    message: 'Your role does not allow this.',
    hint: 'Ask somebody whose role does.',
    retryable: false,
  },
  WP3354: {
    message: 'The request comes from another site’s page.',
    hint: 'Use the console’s own address.',
    retryable: false,
  },
  // 34xx HTTP
  WP3400: {
    message: 'The request does not fit its schema.',
    hint: 'See docs/http.md for each request.',
    retryable: false,
  },
  WP3401: {
    message: 'There is nothing at this address.',
    hint: 'See docs/http.md for the addresses.',
    retryable: false,
  },
  WP3402: {
    message: 'The request is larger than allowed.',
    hint: 'A request body has at most 64 KiB.',
    retryable: false,
  },
  WP3403: {
    message: 'The request failed for a reason of ours.',
    hint: 'Try again; the broker’s log says more.',
    retryable: true,
  },
  WP3404: {
    message: 'There is no such device.',
    hint: 'List them with GET /api/v1/devices.',
    retryable: false,
  },
  WP3405: {
    message: 'The device is not connected, and commands are never queued.',
    hint: 'Send it again when the device is online.',
    retryable: true,
  },
  WP3406: {
    message: 'The command is not one that devices know, or its arguments do not fit.',
    hint: 'See docs/http.md for the commands.',
    retryable: false,
  },
  WP3407: {
    message: 'There is no such evidence, or not all of it has arrived yet.',
    hint: 'Use the blobId of an event’s picture; try again when its pieces are here.',
    retryable: true,
  },
  WP3408: {
    message: 'This is answered on the site’s own machine only.',
    hint: 'Ask from loopback, without a proxy.',
    retryable: false,
  },
  WP3409: {
    message: 'There is no such command.',
    hint: 'Use the id that POST devices/{id}/commands gave.',
    retryable: false,
  },
  WP3410: {
    message: 'The device has not said which boot it is in, so test mode would not end with it.',
    hint: 'Wait until its state has a bootId.',
    retryable: true,
  },
  WP3411: {
    message: 'Too many streams are open.',
    hint: 'Close a console that nobody looks at.',
    retryable: true,
  },
  // 35xx notifiers
  WP3501: {
    message: 'The notification could not be sent.',
    hint: 'It is tried again; check the address and the network.',
    retryable: true,
  },
  WP3502: {
    message: 'The receiver of the notification refused it.',
    hint: 'It is tried again; check the receiver and the shared secret.',
    retryable: true,
  },
  WP3503: {
    message: 'The notification names a notifier that is not configured.',
    hint: 'Add it to notifiers in the site configuration.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
