import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WatchpostError } from '#contract/errors.ts';

const SYS_BLOCK = '/sys/class/block';

export interface BlockDevice {
  /** `/dev/sdb`, with all links followed. */
  readonly path: string;
  readonly bytes: number;
  /** "SanDisk Ultra, 31.9 GB" as far as it says. */
  readonly model: string;
  readonly removable: boolean;
  readonly readOnly: boolean;
}

/** What the kernel says of a block device (sysfs-block, stable ABI): size in sectors of 512 bytes, whatever its own are. */
export function describeBlockDevice(path: string): BlockDevice {
  const real = realpathSync(path);
  const own = realpathSync(join(SYS_BLOCK, basename(real)));
  const disk = existsSync(join(own, 'partition')) ? dirname(own) : own;
  const model = [
    text(join(disk, 'device/vendor')),
    text(join(disk, 'device/model')),
    text(join(disk, 'device/name')),
  ];
  return {
    path: real,
    bytes: Number(text(join(own, 'size'))) * 512,
    model: model.filter((part) => part !== '').join(' '),
    // A slot of the machine itself is not removable, the SD card in it is.
    removable: text(join(disk, 'removable')) === '1' || text(join(disk, 'device/type')) === 'SD',
    readOnly: text(join(own, 'ro')) === '1' || text(join(disk, 'ro')) === '1',
  };
}

/**
 * Refuses what a slip of the finger must not reach.
 * @param forced - the name typed a second time, or null
 * @throws WatchpostError WP4307, WP4310, WP4311
 */
export function refuseDangerous(device: BlockDevice, forced: string | null): void {
  const said = [device.path, device.model].filter((part) => part !== '').join(', ');
  if (holdsSystem(device.path)) throw new WatchpostError('WP4310', { detail: said });
  if (!device.removable && (forced === null || realpathOrNull(forced) !== device.path)) {
    throw new WatchpostError('WP4311', { detail: said });
  }
  if (device.readOnly) throw new WatchpostError('WP4307', { detail: said });
}

/** Whether the root of this system, or its /boot or /usr, lies on the disk, below any layers of LVM, RAID or encryption. */
function holdsSystem(path: string): boolean {
  const disk = diskOf(basename(path));
  const mounts = ['/', '/boot', '/usr', '/boot/efi'].filter((mount) => existsSync(mount));
  return mounts.flatMap((mount) => disksBelow(blockNameOf(statSync(mount).dev))).includes(disk);
}

/** Linux: 12 bits of major above 8 of minor, and 12 more of minor above both (makedev(3)). */
function blockNameOf(dev: number): string | null {
  const major = Math.floor(dev / 256) & 0xfff;
  const minor = (dev & 0xff) | (Math.floor(dev / 4096) & 0xfff00);
  const link = `/sys/dev/block/${major}:${minor}`;
  return existsSync(link) ? basename(readlinkSync(link)) : null;
}

function disksBelow(name: string | null): readonly string[] {
  if (name === null) return [];
  const layers = join(SYS_BLOCK, name, 'slaves');
  const below = existsSync(layers) ? readdirSync(layers) : [];
  return below.length === 0 ? [diskOf(name)] : below.flatMap(disksBelow);
}

function diskOf(name: string): string {
  const link = join(SYS_BLOCK, name);
  if (!existsSync(link)) return name;
  const own = realpathSync(link);
  return existsSync(join(own, 'partition')) ? basename(dirname(own)) : name;
}

/** The loop device that an image file is behind, as the kernel's name, or null. */
export function loopDeviceOf(image: string): string | null {
  const real = realpathSync(image);
  const loops = readdirSync(SYS_BLOCK).filter((name) => name.startsWith('loop'));
  return loops.find((name) => text(join(SYS_BLOCK, name, 'loop/backing_file')) === real) ?? null;
}

function realpathOrNull(path: string): string | null {
  return existsSync(path) ? realpathSync(path) : null;
}

/** Of sysfs: empty where a device has no such file. */
function text(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
}
