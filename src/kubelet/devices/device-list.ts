/** What `--extended-resource` says: a resource of the node, and the devices that stand for its units. Pure. */

/** A resource that pods ask for by name. */
export interface ExtendedResource {
  /** `nvidia.com/gpu`. */
  readonly name: string;
  /** One for each unit: a CDI name (`nvidia.com/gpu=0`), a path below /dev, or a number that stands for nothing. */
  readonly devices: readonly string[];
}

/** Most units of one resource: each is remembered. */
const UNITS_MAX = 10_000;
const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const CDI_NAME = /^[A-Za-z0-9][-\w.]*\/[A-Za-z0-9][-\w.]*=[A-Za-z0-9][-\w.:]*$/;

/**
 * Reads `nvidia.com/gpu=2`, `nvidia.com/gpu=nvidia.com/gpu=0,nvidia.com/gpu=1` or `example.com/card=/dev/card0`.
 *
 * @throws {Error} for what makes no sense; the message says what to write.
 */
export function parseExtendedResource(text: string): ExtendedResource {
  const [, name = '', list = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!NAME.test(name) || name.startsWith('kubernetes.io/')) {
    throw new Error(`'${text}': name it as domain/resource, such as nvidia.com/gpu=2`);
  }
  if (/^\d+$/.test(list)) {
    const count = Number(list);
    if (count > UNITS_MAX) throw new Error(`'${text}': at most ${UNITS_MAX} units of a resource`);
    return { name, devices: Array.from({ length: count }, (_, index) => String(index)) };
  }
  const devices = list.split(',');
  for (const device of devices) {
    if (device.startsWith('/') || CDI_NAME.test(device)) continue;
    throw new Error(
      `'${device}' is neither a number, a path, nor the CDI name of a device such as nvidia.com/gpu=0`,
    );
  }
  if (new Set(devices).size < devices.length) throw new Error(`'${text}': a device is named twice`);
  return { name, devices };
}

/** What a container is given for a device. */
export interface GivenDevices {
  /** Names for the runtime's Container Device Interface. */
  readonly cdi: readonly string[];
  /** Paths of the node that are there in the container too. */
  readonly paths: readonly string[];
}

/** Sorts devices by what is to be done with them. */
export function givenDevices(devices: readonly string[]): GivenDevices {
  return {
    cdi: devices.filter((device) => CDI_NAME.test(device)),
    paths: devices.filter((device) => device.startsWith('/')),
  };
}
