import { BlockList, isIPv6, type Socket } from 'node:net';
import { addressKey } from '#broker/auth/address-key.ts';

export interface ConnectionCapParts {
  /** Connections that one address may have at once; IPv6 counts by /64. */
  readonly perAddress: number;
  /** Addresses or networks (CIDR) behind which many people are; they have no cap. */
  readonly trustedProxies: readonly string[];
  readonly onRefused: (address: string) => void;
}

/** So that nobody takes all connections of the HTTP port, and with them everybody's console, from one address. */
export class ConnectionCap {
  readonly #parts: ConnectionCapParts;
  readonly #proxies = new BlockList();
  readonly #open = new Map<string, number>();

  constructor(parts: ConnectionCapParts) {
    this.#parts = parts;
    for (const proxy of parts.trustedProxies) {
      const [address = '', bits] = proxy.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(bits), family);
    }
  }

  /** A connection that was accepted; destroyed when it is one too many. */
  opened = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    if (this.#proxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) return;
    const key = addressKey(address);
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#parts.perAddress) {
      this.#parts.onRefused(address);
      socket.destroy();
      return;
    }
    this.#open.set(key, open + 1);
    socket.once('close', () => this.#closed(key));
  };

  #closed(key: string): void {
    const left = (this.#open.get(key) ?? 1) - 1;
    if (left > 0) this.#open.set(key, left);
    else this.#open.delete(key);
  }
}
