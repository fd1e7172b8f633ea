/** What this machine is and has. */
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { arch, availableParallelism, networkInterfaces, release, totalmem, type } from 'node:os';
import { type CgroupTraits, cgroupTraits } from '../cgroups/index.ts';
import { type HugePages, readHugePages } from '../huge-pages.ts';

/** Facts of a machine, read once. */
export interface Machine {
  /** `linux`, `darwin`. */
  readonly os: string;
  /** In Go's words: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly bootId: string;
  readonly systemUuid: string;
  readonly cpus: number;
  /** Whether its kernel confines processes by AppArmor. Default false. */
  readonly appArmor?: boolean;
  /** Default: it has no control groups. */
  readonly cgroups?: CgroupTraits;
  /** Bytes. */
  readonly memory: number;
  /** Parts of the memory that are set aside for huge pages. Default: none, of the two usual sizes. */
  readonly hugePages?: readonly HugePages[];
  /** Bytes of the file system that holds pods' files. */
  readonly disk: number;
  /** IP addresses, the one that leads out first; the loopback one when there is no other. */
  readonly addresses: readonly string[];
  /** Text of the hosts file, empty when there is none. */
  readonly hosts: string;
  /** Text of the resolver's configuration, empty when there is none. */
  readonly resolvConf: string;
}

const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Reads them. @param directory on the file system whose size counts. */
export async function readMachine(directory: string): Promise<Machine> {
  const { blocks, bsize } = await statfs(directory).catch(() => ({ blocks: 0, bsize: 0 }));
  const architecture = arch();
  return {
    os: type().toLowerCase(),
    architecture: GO_ARCHITECTURES[architecture] ?? architecture,
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(text('/etc/os-release'))?.[1] ?? type(),
    machineId: text('/etc/machine-id').trim(),
    bootId: text('/proc/sys/kernel/random/boot_id').trim(),
    systemUuid: text('/sys/class/dmi/id/product_uuid').trim(),
    appArmor: text('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
    cgroups: await cgroupTraits(),
    cpus: availableParallelism(),
    memory: totalmem(),
    hugePages: await readHugePages(),
    disk: blocks * bsize,
    addresses: ownAddresses(),
    hosts: text('/etc/hosts'),
    resolvConf: text('/etc/resolv.conf'),
  };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Not every system has each of these files, and some are for root alone.
  }
}

function ownAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const v4 = outward.find(({ family }) => family === 'IPv4')?.address;
  const v6 = outward.find(({ family }) => family === 'IPv6')?.address;
  const found = [v4, v6].filter((each) => each !== undefined);
  return found.length === 0 ? ['127.0.0.1'] : found;
}
