/** What is known about a code. `message` is for an operator, `hint` says what would be right. */
export interface ErrorEntry {
  readonly message: string;
  readonly hint: string;
  /** Trying the same again later may succeed. */
  readonly retryable: boolean;
}

/**
 * Every code of Watchpost. Never reused, never renumbered.
 * 10xx wire · 20xx journal · 21xx commands · 22xx link · 23xx drivers · 24xx vision · 25xx voice ·
 * 26xx supervision of processes · 30xx broker store · 31xx broker server · 32xx incidents · 33xx identity ·
 * 34xx HTTP · 35xx notifiers · 40xx profiles · 50xx command line and set-up
 */
export const ERRORS = {
  // 10xx wire
  WP1001: {
    message: 'The topic is not one of the wire’s.',
    hint: 'Devices publish under wp/1/{site}/{device}/up/ only.',
    retryable: false,
  },
  WP1002: { message: 'The payload is not JSON.', hint: 'Send one JSON object in UTF-8.', retryable: false },
  WP1003: {
    message: 'The message does not fit its schema.',
    hint: 'See contract/generated/schemas for the shape of each message.',
    retryable: false,
  },
  WP1004: {
    message: 'The message is larger than allowed.',
    hint: 'An envelope has at most 64 KiB; send pictures and sound as blobs.',
    retryable: false,
  },
  WP1005: {
    message: 'The source of the event is not the device that sent it.',
    hint: 'source, topic and client id must name the same site and device.',
    retryable: false,
  },
  WP1006: {
    message: 'The event does not belong to the lane it came by.',
    hint: 'wplane, the topic and the lane of the event type must agree.',
    retryable: false,
  },
  WP1007: {
    message: 'The sequence number is taken by another event.',
    hint: 'The journal was cloned or restored; the device starts a new epoch.',
    retryable: false,
  },
  WP1008: {
    message: 'The data of the event do not fit its type.',
    hint: 'See contract/generated/schemas for the data of each type.',
    retryable: false,
  },
  // 40xx profiles
  WP4001: {
    message: 'The profile cannot be read.',
    hint: 'Name a YAML file that exists and that you may read.',
    retryable: false,
  },
  WP4002: {
    message: 'The profile is not YAML.',
    hint: 'Correct the YAML at the line named.',
    retryable: false,
  },
  WP4003: {
    message: 'The profile does not fit its schema.',
    hint: 'See device-profiles/schema/profile.schema.json.',
    retryable: false,
  },
  WP4004: {
    message: 'The profile extends itself.',
    hint: 'Extend a template that extends nothing of yours.',
    retryable: false,
  },
  WP4006: {
    message: 'The site file does not fit.',
    hint: 'See docs/profiles.md for what a site file holds.',
    retryable: false,
  },
  WP4007: {
    message: 'The profile names a driver that does not exist.',
    hint: 'Use one of the drivers named.',
    retryable: false,
  },
  WP4008: {
    message: 'The configuration of a driver is not right.',
    hint: 'See docs/profiles.md for each driver’s keys.',
    retryable: false,
  },
  WP4009: {
    message: 'Parts of the profile contradict each other.',
    hint: 'Correct the value at the line named.',
    retryable: false,
  },
  // 1009–1049 gate of the broker; 30xx broker store; 31xx broker server; 3300–3349 identity of devices
  WP1009: {
    message: 'The piece of a blob does not fit what was announced.',
    hint: 'A piece has 1 to 65536 bytes; size, pieces and SHA-256 must agree with the event.',
    retryable: false,
  },
  WP1010: {
    message: 'The message was sent under another’s name.',
    hint: 'A client publishes only under the site and device of its own client id.',
    retryable: false,
  },
  WP1011: {
    message: 'The client may not publish on this topic.',
    hint: 'A device publishes under its own up/ only and retains only up/state.',
    retryable: false,
  },
  WP1012: {
    message: 'The client may not subscribe to this filter.',
    hint: 'A device subscribes under its own down/ only.',
    retryable: false,
  },
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
    hint: 'Only one broker may run on a data folder.',
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
    hint: 'The data folder must exist and belong to the user of the broker.',
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
  WP3101: {
    message: 'The packet is larger than the broker takes.',
    hint: 'Send envelopes of at most 64 KiB and blobs in pieces; the connection was cut before reading on.',
    retryable: false,
  },
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
    hint: 'More than 4 MiB waited for it; it comes back and gets what was queued for its session.',
    retryable: true,
  },
  WP3300: {
    message: 'The client is not who it says.',
    hint: 'With TLS the client id must be the CN of the certificate.',
    retryable: false,
  },
  // 25xx voice
  WP2501: {
    message: 'There is no clip of this prompt.',
    hint: 'Render the prompts again; watchpost voice audit lists what is missing.',
    retryable: false,
  },
  WP2502: {
    message: 'The player did not finish in time and was stopped.',
    hint: 'Check the sound device; another program may be holding it.',
    retryable: true,
  },
  WP2503: {
    message: 'The voice clips cannot be loaded, so nothing is spoken.',
    hint: 'Render the prompts into the device’s voice folder; the alarm itself works without them.',
    retryable: false,
  },
  WP2504: {
    message: 'There is no sound device.',
    hint: 'Start PulseAudio or PipeWire, or attach a sound card; until then what is spoken goes to a WAV file.',
    retryable: true,
  },
  WP2505: {
    message: 'The player failed.',
    hint: 'Play the clip by hand with the command named, and see what it says.',
    retryable: true,
  },
  WP2506: {
    message: 'The voice catalogue is not right.',
    hint: 'See docs/voice.md for the format of a catalogue.',
    retryable: false,
  },
  WP2507: {
    message: 'There is no speech engine, so prompts cannot be rendered.',
    hint: 'Install it: apt-get install espeak-ng',
    retryable: true,
  },
  WP2508: {
    message: 'The speech engine could not render a prompt.',
    hint: 'Try the words by hand with espeak-ng and the voice that the catalogue names.',
    retryable: true,
  },
  WP2509: {
    message: 'The file is not a WAV file that can be played.',
    hint: 'Use 16-bit PCM, one channel.',
    retryable: false,
  },
  WP2510: {
    message: 'There is no voice catalogue for this language.',
    hint: 'Add one to device-profiles/voices, or take the language out of the profile.',
    retryable: false,
  },
  WP2511: {
    message: 'What was spoken cannot be written to its WAV file.',
    hint: 'Check the space and the rights of the device’s data folder.',
    retryable: true,
  },
  WP2512: {
    message: 'There is no such driver of a speaker.',
    hint: 'See docs/voice.md for the drivers.',
    retryable: false,
  },
  // 20xx journal
  WP2001: {
    message: 'The event type does not belong to this lane.',
    hint: 'Record alarms with recordAlarm and events with recordEvent; see contract/event-types.ts.',
    retryable: false,
  },
  WP2002: {
    message: 'The event is too large to be sent.',
    hint: 'An envelope has at most 64 KiB; send pictures and sound as blobs.',
    retryable: false,
  },
  WP2003: {
    message: 'The journal was written by a newer version.',
    hint: 'Start the newer version again, or move the data folder aside to begin a new journal.',
    retryable: false,
  },
  WP2004: {
    message: 'The journal is in use by another process.',
    hint: 'Only one agent may use a data folder; stop the other one first.',
    retryable: true,
  },
  WP2005: {
    message: 'The journal was damaged and has been set aside.',
    hint: 'A new one was begun; keep the file named .damaged for the technician and check the card.',
    retryable: false,
  },
  WP2006: {
    message: 'An alarm could not be stored and goes out from memory.',
    hint: 'Free space on the device or replace its card; do not cut its power before the alarm is received.',
    retryable: true,
  },
  WP2007: {
    message: 'No more unstored alarms fit in memory.',
    hint: 'Free space on the device or replace its card.',
    retryable: true,
  },
  WP2008: {
    message: 'Events could not be stored.',
    hint: 'Free space on the device or replace its card; events wait in memory meanwhile.',
    retryable: true,
  },
  WP2009: {
    message: 'The site knows another history than this journal.',
    hint: 'The card was cloned or restored, so a new epoch begins; make sure that no second device uses this name.',
    retryable: false,
  },
  WP2010: {
    message: 'The site has refused a record.',
    hint: 'It is kept in the quarantine of the site; its code there says why.',
    retryable: false,
  },
  WP2011: {
    message: 'The site goes on asking for a record although it was sent again.',
    hint: 'Look for the record in the quarantine of the site, and for a broker in between that drops messages.',
    retryable: true,
  },
  WP2012: {
    message: 'The file of a blob cannot be read.',
    hint: 'It was removed or shortened before it was sent; its event stands without it.',
    retryable: false,
  },
  WP2013: {
    message: 'The data folder cannot be used.',
    hint: 'Check that it exists, is a folder, and belongs to the user of the agent.',
    retryable: false,
  },
  WP2014: {
    message: 'A fact could not be stored and will be forgotten at the next restart.',
    hint: 'Free space on the device or replace its card.',
    retryable: true,
  },
  WP2015: {
    message: 'A receipt names no record at its end.',
    hint: 'Nothing was deleted; the next complete receipt settles it.',
    retryable: true,
  },
  // 22xx link
  WP2200: {
    message: 'The connection to the site was lost or could not be made.',
    hint: 'Check network, address and port; the device goes on trying by itself.',
    retryable: true,
  },
  WP2201: {
    message: 'The broker refused the connection.',
    hint: 'Check that the device is enrolled at this site under this name and with this certificate.',
    retryable: true,
  },
  WP2202: {
    message: 'The broker did not confirm a message in time.',
    hint: 'The connection is made anew; check the load of the broker and the quality of the network.',
    retryable: true,
  },
  WP2203: {
    message: 'The broker refused the subscription to down/#.',
    hint: 'Check the access rules of the broker for this device.',
    retryable: true,
  },
  WP2204: {
    message: 'A message from the site could not be read.',
    hint: 'It was skipped; compare the versions of site and device.',
    retryable: false,
  },
  WP2205: {
    message: 'The identity of the device cannot be read.',
    hint: 'The identity folder needs key.pem, cert.pem and ca.pem, readable by the agent.',
    retryable: false,
  },
  WP2206: {
    message: 'The address of a broker is not understood.',
    hint: 'Write mqtt://host:port or mqtts://host:port; mqtts needs an identity folder.',
    retryable: false,
  },
  WP2207: {
    message: 'The broker did not answer in time.',
    hint: 'Check network, address and port; the device goes on trying by itself.',
    retryable: true,
  },
  WP2208: {
    message: 'A part of the agent failed on a message from the site.',
    hint: 'The message was skipped; the cause tells which part.',
    retryable: false,
  },
  // 50xx command line and set-up
  WP5020: {
    message: 'npm is missing.',
    hint: 'Install Node.js with npm (any version), for example: sudo apt-get install nodejs npm',
    retryable: false,
  },
  WP5021: {
    message: 'Node could not be fetched from the npm registry.',
    hint: 'Check the network and try again.',
    retryable: true,
  },
  WP5022: {
    message: 'The npm packages could not be installed.',
    hint: 'Check the network and try again.',
    retryable: true,
  },
  WP5023: {
    message: 'The console page could not be built.',
    hint: 'Run node scripts/commands/build-console.ts to see why.',
    retryable: false,
  },
  WP5024: {
    message: 'The command was not used rightly.',
    hint: 'Run it with --help.',
    retryable: false,
  },
  WP5025: {
    message: 'A part of the site did not start.',
    hint: 'Read its log, named above, and start again.',
    retryable: true,
  },
  WP5026: {
    message: 'The device’s folder holds no resolved profile.',
    hint: 'Start the agent with scripts/watchpost agent --profile FILE …, which resolves it first.',
    retryable: false,
  },
  // 32xx incidents; 335x–349x people and HTTP; 35xx notifiers; 5000–5019 starting the broker
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
  WP5001: {
    message: 'The port is in use.',
    hint: 'Stop what listens there, or choose another port.',
    retryable: false,
  },
  WP5002: {
    message: 'The site configuration cannot be read.',
    hint: 'Name a YAML or JSON file that exists and that you may read.',
    retryable: false,
  },
  WP5003: {
    message: 'The site configuration does not fit its schema.',
    hint: 'Correct the line named; see docs/site-configuration.md.',
    retryable: false,
  },
  WP5004: {
    message: 'The address cannot be listened on.',
    hint: 'Use an address of this machine, and a port that you may use.',
    retryable: false,
  },
  WP5005: {
    message: 'The audit chain is broken.',
    hint: 'Keep the database as it is, and find out who could write to it.',
    retryable: false,
  },
  WP5006: {
    message: 'The data folder does not hold what is needed.',
    hint: 'Name the folder that the broker was started with (--data).',
    retryable: false,
  },
  WP5007: {
    message: 'Another broker is running on this data folder.',
    hint: 'Stop it, or give this one a folder of its own with --data.',
    retryable: false,
  },
  WP5008: {
    message: 'The data folder cannot be used.',
    hint: 'Name a folder that exists or can be made, and that you may write to.',
    retryable: false,
  },
  WP5009: {
    message: 'The broker’s TLS files cannot be read.',
    hint: 'Put server.key, server.crt and ca.crt (PEM) into the folder tls of the data folder.',
    retryable: false,
  },
  // 21xx commands
  WP2101: {
    message: 'The command came after it had expired.',
    hint: 'Send it again; check the clocks of site and device when this repeats.',
    retryable: true,
  },
  WP2102: {
    message: 'The device cannot judge whether the command has expired.',
    hint: 'Its clock is unset: send boot and notAfterMono of this boot, or wait until the clock is set.',
    retryable: true,
  },
  WP2103: {
    message: 'The device knows no command of this name.',
    hint: 'Commands are speak, siren, selftest, snapshot, restart-vision and test-mode.',
    retryable: false,
  },
  WP2104: {
    message: 'The arguments of the command do not fit.',
    hint: 'See COMMAND_ARGS in contract/messages.ts for the arguments of each command.',
    retryable: false,
  },
  WP2105: {
    message: 'The device does not have what the command needs.',
    hint: 'Look at the device’s profile: it names its inputs, outputs, cameras and prompts.',
    retryable: false,
  },
  WP2106: {
    message: 'The command did not end in time.',
    hint: 'Look at the device’s health, then send it again.',
    retryable: true,
  },
  WP2107: {
    message: 'The device restarted while it carried out the command.',
    hint: 'It may have been done in part. Look at the device, then send a new command.',
    retryable: true,
  },
  WP2108: {
    message: 'The command failed.',
    hint: 'The message of the reply and the device’s log say why.',
    retryable: true,
  },
  WP2109: {
    message: 'The device is carrying out too many commands.',
    hint: 'Wait for the replies to the commands before it.',
    retryable: true,
  },
  // 23xx drivers
  WP2301: {
    message: 'A button has been held longer than a press lasts.',
    hint: 'Free the button; it is armed again once it is released.',
    retryable: true,
  },
  WP2302: {
    message: 'An input cannot be read.',
    hint: 'Check its wiring and the driver in the profile; the device goes on trying.',
    retryable: true,
  },
  WP2303: {
    message: 'An output does not do what it is told.',
    hint: 'Check lamp, siren or loudspeaker and its driver in the profile; alarms go out all the same.',
    retryable: true,
  },
  WP2304: {
    message: 'A sensor gives no usable reading.',
    hint: 'Check its wiring and the driver in the profile; the device goes on trying.',
    retryable: true,
  },
  WP2310: {
    message: 'The simulator does not understand the request.',
    hint: 'Requests are press, release, tamper, untamper, sensor, link, clock, clip and state.',
    retryable: false,
  },
  WP2311: {
    message: 'The simulated contact is there already.',
    hint: 'A press goes down and stays down: release the button before it is pressed again.',
    retryable: false,
  },
  WP2312: {
    message: 'The simulated device has no part of this name.',
    hint: 'The device’s profile names its inputs and sensors.',
    retryable: false,
  },
  WP2313: {
    message: 'The press was not journalled in time.',
    hint: 'Look at the agent’s log; the press may still arrive.',
    retryable: true,
  },
  WP2314: {
    message: 'The press could not be stored; it goes out from memory only.',
    hint: 'Make room on the device’s disk.',
    retryable: false,
  },
  WP2315: {
    message: 'No simulated device answers in this folder.',
    hint: 'Start one with scripts/up or with the agent command, and name its own folder, such as DIR/pillar-001.',
    retryable: true,
  },
  WP2316: {
    message: 'The simulated link is cut.',
    hint: 'Restore it with: sim --data DIR link up',
    retryable: true,
  },
  WP2317: {
    message: 'The control socket cannot be opened.',
    hint: 'Another agent may run in this folder, or the folder is not writable.',
    retryable: false,
  },
  WP2318: {
    message: 'The simulated sensor was told to fail.',
    hint: 'Give it a value: sim --data DIR sensor NAME VALUE',
    retryable: true,
  },
  // 26xx supervision of processes
  WP2601: {
    message: 'The device’s disk is nearly full.',
    hint: 'Telemetry and old events go first; alarms keep a reserve. Make room or shorten the retention.',
    retryable: true,
  },
  WP2602: {
    message: 'The device is too hot.',
    hint: 'Check ventilation, sun and load.',
    retryable: true,
  },
  WP2603: {
    message: 'The agent answers slowly.',
    hint: 'Something holds its event loop: look at the load of the machine.',
    retryable: true,
  },
  WP2604: {
    message: 'A child process of the agent does not run.',
    hint: 'It is started again by itself; the log says why it ended.',
    retryable: true,
  },
  WP2605: {
    message: 'The clock of the device is not set.',
    hint: 'Give it a time server, or let it connect: the site sends its time with each receipt.',
    retryable: true,
  },
  WP2606: {
    message: 'Messages pile up on the device.',
    hint: 'Check the link; nothing is lost as long as the disk has room.',
    retryable: true,
  },
  WP2607: {
    message: 'What the device remembered of its alarms cannot be read.',
    hint: 'It starts afresh: a further press of an open incident is told as a new one.',
    retryable: false,
  },
  WP2608: {
    message: 'The device cannot remember its alarms over a restart.',
    hint: 'Make room on the disk, or check the card.',
    retryable: true,
  },
  WP5027: {
    message: 'A port cannot be used.',
    hint: 'Choose another port, or end what uses it.',
    retryable: true,
  },
  WP2401: {
    message: 'No way to read a camera: neither the GStreamer addon nor gst-launch-1.0 can be used.',
    hint: 'apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav',
    retryable: false,
  },
  WP2402: {
    message: 'The video source could not be read to its end.',
    hint: 'Check the file, the address, the cable, and that the GStreamer plugin for its format is there.',
    retryable: true,
  },
  WP2403: {
    message: 'The camera gives no pictures.',
    hint: 'Check its power and network; it is tried again by itself.',
    retryable: true,
  },
  WP2404: {
    message: 'This is not a video source.',
    hint: 'Use a file path, rtsp://…, v4l2:///dev/videoN or test://.',
    retryable: false,
  },
  WP2405: {
    message: 'The vision process gave no sign of life and was killed.',
    hint: 'It is started again by itself; alarms are not affected.',
    retryable: true,
  },
  WP2406: {
    message: 'The vision process ended unexpectedly.',
    hint: 'It is started again by itself; alarms are not affected.',
    retryable: true,
  },
  WP2407: {
    message: 'No picture in time.',
    hint: 'The camera or the vision process is not running; see the health of vision.',
    retryable: true,
  },
  WP2408: {
    message: 'The picture could not be stored.',
    hint: 'Make room on the disk; the event goes out without it.',
    retryable: true,
  },
  WP2409: {
    message: 'The vision process sent something that is no report.',
    hint: 'It is ignored; when it goes on, the process is started again.',
    retryable: true,
  },
  WP2410: {
    message: 'The clip for the simulated camera could not be drawn.',
    hint: 'apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good, or give a video with --clip.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

export interface ErrorDetails {
  /** What exactly and where: a file and line, a path in a document, a topic, a name. */
  readonly detail?: string;
  /** Replaces the catalogue's hint where more is known. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error class of Watchpost. `message` reads `WP1002 The payload is not JSON. (detail)`. */
export class WatchpostError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, { detail, hint, cause }: ErrorDetails = {}) {
    const entry: ErrorEntry = ERRORS[code];
    super(`${code} ${entry.message}${detail === undefined ? '' : ` (${detail})`}`, { cause });
    this.name = 'WatchpostError';
    this.code = code;
    this.detail = detail;
    this.hint = hint ?? entry.hint;
    this.retryable = entry.retryable;
  }
}
