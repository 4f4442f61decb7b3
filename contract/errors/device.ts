import type { ErrorEntry } from './entry.ts';

/** What goes wrong on a device. */
export const DEVICE_ERRORS = {
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
    hint: 'Commands are speak, siren, selftest, snapshot, restart-vision, restart, test-alarm, test-mode, sound-test, bypass, actuate and talk.',
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
  WP2110: {
    message: 'A call for help is open: no test alarm goes out beside it.',
    hint: 'Send the command again when the incident is closed; the device makes up for the daily one by itself.',
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
  WP2209: {
    message: 'A part of the agent threw where nobody could catch it.',
    hint: 'The agent goes on. See the cause in its log, and report it if it comes again.',
    retryable: false,
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
  // 24xx vision
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
  WP2411: {
    message: 'The camera has nothing to show.',
    hint: 'Install GStreamer (scripts/up names the packages), or name a camera in the profile.',
    retryable: false,
  },
  WP2420: {
    message: 'The vision kernel cannot be loaded.',
    hint: 'Its file belongs to the installation: install this version again, or run node scripts/generate/kernel.ts.',
    retryable: false,
  },
  WP2425: {
    message: 'What was kept of a scene does not fit this camera.',
    hint: 'Nothing to do: the scene is learned anew. It happens when the size of the pictures was changed.',
    retryable: false,
  },
  WP2430: {
    message: 'There is nothing to make films with.',
    hint: 'Install it: apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good; events go out without films.',
    retryable: false,
  },
  WP2431: {
    message: 'A film could not be encoded.',
    hint: 'The event went out without it; the log says what the encoder said.',
    retryable: true,
  },
  WP2432: {
    message: 'A film could not be stored.',
    hint: 'Check the space and the rights of the evidence folder; the event went out without the film.',
    retryable: true,
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
    hint: 'See docs/sound.md for the drivers.',
    retryable: false,
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
} as const satisfies Record<string, ErrorEntry>;
