import type { ErrorEntry } from './entry.ts';

/** What `doctor` finds, and what `support` refuses: see docs/doctor.md. */
export const DOCTOR_ERRORS = {
  WP4700: {
    message: 'This could not be looked at.',
    hint: 'Run it again as root; what stood in the way is named.',
    retryable: true,
  },
  WP4701: {
    message: 'A program that this device needs is missing.',
    hint: 'Install the package named.',
    retryable: false,
  },
  WP4702: {
    message: 'The clock was never set.',
    hint: 'sudo timedatectl set-ntp true; without a network: sudo timedatectl set-time "YYYY-MM-DD hh:mm:ss"',
    retryable: true,
  },
  WP4703: {
    message: 'Nothing has confirmed the clock since this machine was started.',
    hint: 'sudo timedatectl set-ntp true',
    retryable: true,
  },
  WP4704: {
    message: 'The clock is not that of the site.',
    hint: 'sudo timedatectl set-ntp true, here and on the machine of the site',
    retryable: true,
  },
  WP4705: {
    message: 'A certificate has ended.',
    hint: 'Have the device provisioned anew: scripts/watchpost provision --help',
    retryable: false,
  },
  WP4706: {
    message: 'A certificate ends soon.',
    hint: 'Have the device provisioned anew before that: scripts/watchpost provision --help',
    retryable: false,
  },
  WP4707: {
    message: 'A certificate is not valid yet.',
    hint: 'Look at the clock of this machine first (timedatectl), then at that of the machine that issued it.',
    retryable: true,
  },
  WP4708: {
    message: 'Key, certificate and authority do not belong together.',
    hint: 'Have the device provisioned anew: scripts/watchpost provision --help',
    retryable: false,
  },
  WP4709: {
    message: 'The private key can be read by others.',
    hint: 'chmod 600 key.pem, in the folder named',
    retryable: false,
  },
  WP4710: {
    message: 'The card or eMMC is worn.',
    hint: 'Change the card or the board soon; what is not received at the site yet is sent first.',
    retryable: false,
  },
  WP4711: {
    message: 'The file system is mounted read-only: nothing can be stored.',
    hint: 'sudo dmesg | grep -i -e ext4 -e mmc; check the card in another machine (sudo fsck -f), or change it.',
    retryable: false,
  },
  WP4712: {
    message: 'The file system has noted errors.',
    hint: 'Check the card in another machine (sudo fsck -f), and change it if they come back.',
    retryable: false,
  },
  WP4713: {
    message: 'The disk is nearly full.',
    hint: 'sudo du -xh / | sort -h | tail -20 shows what fills it; sudo journalctl --vacuum-size=50M makes room.',
    retryable: true,
  },
  WP4714: {
    message: 'Broker or site is not reached.',
    hint: 'Look at cable, antenna and SIM, the address, and whether the broker runs.',
    retryable: true,
  },
  WP4715: {
    message: 'The broker and this device do not trust each other.',
    hint: 'Look at the findings on identity and clock. On the machine of the site the log of the broker names what it refuses, and scripts/watchpost identity list --site DIR what was revoked.',
    retryable: false,
  },
  WP4716: {
    message: 'The agent does not run.',
    hint: 'sudo systemctl restart watchpost-agent; journalctl -u watchpost-agent -n 50 says why it ended.',
    retryable: true,
  },
  WP4717: {
    message: 'The agent ended in crashes.',
    hint: 'journalctl -u watchpost-agent -n 200 says why; send what scripts/watchpost support collects.',
    retryable: true,
  },
  WP4718: {
    message: 'The site has not received everything yet.',
    hint: 'Look at the finding on the broker; nothing of it is lost.',
    retryable: true,
  },
  WP4719: {
    message: 'The journal cannot be read.',
    hint: 'sudo systemctl restart watchpost-agent: it salvages what it can. Then look at the card.',
    retryable: false,
  },
  WP4720: {
    message: 'A device that the profile names is not there.',
    hint: 'Plug it in, or correct its name in the profile; ls -l /dev/serial/by-id /dev/video* shows what is there.',
    retryable: true,
  },
  WP4721: {
    message: 'A device that the profile names may not be used.',
    hint: 'sudo usermod -aG dialout,video,audio watchpost, then restart the agent',
    retryable: false,
  },
  WP4722: {
    message: 'A module that this device needs is not installed.',
    hint: 'npm ci, in the folder of the project',
    retryable: false,
  },
  WP4723: {
    message: 'The sound is turned off.',
    hint: 'pactl set-sink-mute @DEFAULT_SINK@ 0; pactl set-sink-volume @DEFAULT_SINK@ 90%',
    retryable: false,
  },
  WP4724: {
    message: 'Prompts are missing: the device would be silent in a language.',
    hint: 'sudo systemctl restart watchpost-prepare, or scripts/watchpost prepare … on the machine that prepares devices',
    retryable: false,
  },
  WP4725: {
    message: 'The data folder lies in memory: alarms are lost with the power.',
    hint: 'Give the agent a folder on a card or disk (--data).',
    retryable: false,
  },
  WP4726: {
    message: 'This Node is not the one that Watchpost runs on.',
    hint: 'Start it with scripts/watchpost, which brings Node 24.',
    retryable: false,
  },
  WP4727: {
    message: 'The folder is not that of a device or a site.',
    hint: 'Name the folder that the agent or the broker was started with (--data).',
    retryable: false,
  },
  WP4740: {
    message: 'No bundle is installed: the device has nothing to run from.',
    hint: 'scripts/watchpost flash BUNDLE --to DIR, the folder that was named; bundles stand in the site’s folder under bundles/.',
    retryable: false,
  },
  WP4741: {
    message: 'A bundle is on trial.',
    hint: 'It confirms itself within two minutes of running, or goes back; where the device does not run, start it: sudo systemctl start watchpost-agent',
    retryable: true,
  },
  WP4742: {
    message: 'The bundle before was rejected.',
    hint: 'Look the code up in docs/errors.md, mend the profile, and make the next one: scripts/watchpost bundle make --site-dir DIR --device DEVICE --profile FILE',
    retryable: false,
  },
  WP4743: {
    message: 'The root of bundles ends: then no bundle is installed any more.',
    hint: 'scripts/watchpost bundle root next authority/bundle-root.json, sign it with bundle-root.key.sealed, and make a bundle, which brings it to the device (docs/bundle.md)',
    retryable: false,
  },
  WP4744: {
    message: 'The list of what was taken back is not kept up.',
    hint: 'scripts/watchpost identity renew --site DIR publishes it anew; let the timer do it daily (docs/identity.md).',
    retryable: true,
  },
  WP4745: {
    message: 'A device has several certificates that are good.',
    hint: 'A renewal or provisioning was interrupted; the command named settles it.',
    retryable: true,
  },
  WP4746: {
    message: 'The TPM cannot be asked.',
    hint: 'sudo apt install tpm2-tools; ls -l /dev/tpmrm0; sudo usermod -aG tss watchpost, then restart the agent',
    retryable: true,
  },
  WP4780: {
    message: 'The archive cannot be written.',
    hint: 'Name a file that does not exist yet, in a folder that you may write to.',
    retryable: false,
  },
  WP4781: {
    message: 'There is no such file among what would be sent.',
    hint: 'Run it without --show to see the names.',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
