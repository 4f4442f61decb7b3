import type { ErrorEntry } from './entry.ts';

/** Accepting a device, and the certificate of it: see docs/commissioning.md. */
export const COMMISSION_ERRORS = {
  WP4501: {
    message: 'There is no such run.',
    hint: 'List the runs: scripts/watchpost commission list --site DIR.',
    retryable: false,
  },
  WP4502: {
    message: 'This device is being commissioned already.',
    hint: 'Go on with that run (scripts/watchpost commission DEVICE does), or end it: commission abandon.',
    retryable: false,
  },
  WP4503: {
    message: 'A call for help is open at this device.',
    hint: 'Nothing is tested beside it. Begin when the incident is resolved.',
    retryable: true,
  },
  WP4504: {
    message: 'Another step is running.',
    hint: 'Finish or stop it first.',
    retryable: true,
  },
  WP4505: {
    message: 'There is no such step in this run.',
    hint: 'Choose one of its steps.',
    retryable: false,
  },
  WP4506: {
    message: 'The step cannot take that now.',
    hint: 'Look at the run again: somebody else may have answered.',
    retryable: false,
  },
  WP4507: {
    message: 'The person at the device says that it is not so.',
    hint: 'Mend it and repeat the step, or accept it with a reason.',
    retryable: false,
  },
  WP4508: {
    message: 'What was waited for did not come in time.',
    hint: 'Do what the step asks for and repeat it; where it was done, the device does not work as it should.',
    retryable: true,
  },
  WP4509: {
    message: 'The run has ended.',
    hint: 'Begin another: scripts/watchpost commission DEVICE --site DIR.',
    retryable: false,
  },
  WP4511: {
    message: 'The reading is outside the range of the profile.',
    hint: 'Look at the sensor and its wiring, or at the thresholds of the profile.',
    retryable: false,
  },
  WP4512: {
    message: 'The device has no certificate of its own, or runs a bundle on trial.',
    hint: 'Provision it (docs/provisioning.md), wait until its bundle is confirmed, and repeat the step.',
    retryable: true,
  },
  WP4513: {
    message: 'The clock of the device is not right.',
    hint: 'Give it a time server that it reaches, and repeat the step when its clock is set.',
    retryable: true,
  },
  WP4514: {
    message: 'The device refused, or could not do, what the step needs.',
    hint: 'Look up the code of the device in docs/errors.md, mend it and repeat the step.',
    retryable: true,
  },
  WP4515: {
    message: 'The site took the alarm of this step for a real one.',
    hint: 'Resolve the incident, tell whoever was called, and repeat the step.',
    retryable: true,
  },
  WP4516: {
    message: 'The device, or the site, has started anew during the step.',
    hint: 'Repeat the step. If it was the device: a test of the mains must not end it.',
    retryable: true,
  },
  WP4517: {
    message: 'This is no commissioning certificate.',
    hint: 'Give the .json file that commission wrote, unchanged.',
    retryable: false,
  },
  WP4518: {
    message: 'The certificate was changed after it was signed.',
    hint: 'Trust nothing in it. Fetch it again from the site: commission download.',
    retryable: false,
  },
  WP4519: {
    message: 'The certificate was signed by somebody whom this site does not know.',
    hint: 'Give the folder or the top certificate of the site that it is from: --site or --ca; for one without an authority, --key with the fingerprint of its key.',
    retryable: false,
  },
  WP4520: {
    message: 'The certificate is of another device.',
    hint: 'Compare the name on the label with the one in the certificate.',
    retryable: false,
  },
  WP4521: {
    message: 'A picture of the certificate is missing, or is another one.',
    hint: 'Keep the folder of pictures beside the certificate, or leave them away altogether: --no-pictures.',
    retryable: false,
  },
  WP4522: {
    message: 'The signer’s certificate is not for this, was not good at the time, or was taken back.',
    hint: 'Ask who runs the site; a certificate of a device or of the broker signs nothing here.',
    retryable: false,
  },
  WP4523: {
    message: 'The site’s key for commissioning certificates cannot be read.',
    hint: 'Look at commissioning.key in the broker’s folder: it must be readable by the broker’s user, and by no other.',
    retryable: false,
  },
  WP4524: {
    message: 'The file of answers is wrong.',
    hint: 'Write it as docs/commissioning.md shows.',
    retryable: false,
  },
  WP4525: {
    message: 'There is no answer to this in the file of answers.',
    hint: 'Add it under `answers`, or give the step under `skip` with a reason.',
    retryable: false,
  },
  WP4526: {
    message: 'There is no terminal to ask on.',
    hint: 'Run it on a terminal, or give --answers FILE, or --sim DIR for simulated hardware; --by says who.',
    retryable: false,
  },
  WP4527: {
    message: 'The device has not passed.',
    hint: 'The certificate names the steps. Mend them and run commission again.',
    retryable: false,
  },
  WP4528: {
    message: 'The step was stopped.',
    hint: 'Begin it again, or skip it with a reason.',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
