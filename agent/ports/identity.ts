/** Where a device's private key is. */
export type KeyPlace = 'file' | 'tpm';

/** What a device shows the site now. `serial`: hexadecimal digits. */
export interface OwnCertificate {
  readonly serial: string;
  readonly expiresAt: string;
  readonly keyIn: KeyPlace;
}

/** What a connection that came up says of a certificate that was exchanged. */
export type Exchange =
  /** Nothing was exchanged. */
  | 'none'
  /** The site has taken the new one: the one before is gone. */
  | 'renewed'
  /** The site has taken only the one before, which is used for now: the new one is to be tried once more. */
  | 'put-off'
  /** The same once more: the one before is in force again. */
  | 'given-back';

/** A device's key and certificate, which can be exchanged while it runs. */
export interface RenewableIdentity {
  readonly certificate: OwnCertificate | null;
  /** Makes a new key beside the one in force; answers the request for its certificate (PKCS #10, PEM). Rejects with WP4420 or WP4421. */
  request(): Promise<string>;
  /**
   * Puts a certificate for that key in force from the next connection on. `pem`: the device's own, behind it those between it
   * and the top. Rejects with WP4420 or WP4422, and then nothing has changed.
   */
  install(pem: string): Promise<OwnCertificate>;
  /** To be told of each connection that the site has let in. */
  cameIn(): Exchange;
}
