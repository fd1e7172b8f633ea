/** Rules for how containers use the pod's volumes. */
import {
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { refuseBacksteps, requireDescending } from '../../paths.ts';
import type { Container, Volume, VolumeDevice, VolumeMount } from '../../types.ts';

/** The pod's valid volumes by name. */
export type VolumesByName = ReadonlyMap<string, DeepReadonly<Volume>>;

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_MODES = ['Disabled', 'Enabled', 'IfPossible'];

/** Checks a container's mounts against the pod's volumes and its own devices. */
export function validateMounts(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<Container>,
  volumes: VolumesByName,
): void {
  const mounts = container.volumeMounts;
  if (!mounts) return;
  const points = new Set<string>();
  const deviceNames = new Set(container.volumeDevices?.map(({ name }) => name));
  const devicePaths = new Set(container.volumeDevices?.map(({ devicePath }) => devicePath));
  mounts.forEach((mount, index) => {
    const at = `${path}[${index}]`;
    if (!mount.name) errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name ?? ''));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (points.has(mount.mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    }
    points.add(mount.mountPath);
    if (deviceNames.has(mount.name)) {
      errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'));
    }
    if (devicePaths.has(mount.mountPath)) {
      errors.push(
        invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'),
      );
    }
    validateSubPaths(errors, path, at, mount);
    validatePropagation(errors, `${path}.mountPropagation`, mount, container);
    validateRecursiveReadOnly(errors, `${path}.recursiveReadOnly`, mount);
  });
}

/** Upstream names the list and not its entry in these paths; so it stays. */
function validateSubPaths(
  errors: FieldError[],
  path: string,
  at: string,
  mount: DeepReadonly<VolumeMount>,
): void {
  if (mount.subPath) requireDescending(errors, `${path}.subPath`, mount.subPath);
  if (!mount.subPathExpr) return;
  if (mount.subPath) {
    errors.push(
      invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
    );
  }
  requireDescending(errors, `${path}.subPathExpr`, mount.subPathExpr);
}

function validatePropagation(
  errors: FieldError[],
  path: string,
  mount: DeepReadonly<VolumeMount>,
  container: DeepReadonly<Container>,
): void {
  const mode: string | undefined = mount.mountPropagation;
  if (mode == null) return;
  if (!PROPAGATIONS.includes(mode)) errors.push(notSupported(path, mode, PROPAGATIONS));
  if (mode === 'Bidirectional' && container.securityContext?.privileged !== true) {
    errors.push(
      forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'),
    );
  }
}

function validateRecursiveReadOnly(
  errors: FieldError[],
  path: string,
  mount: DeepReadonly<VolumeMount>,
): void {
  const mode = mount.recursiveReadOnly;
  if (mode == null || mode === 'Disabled') return;
  if (!RECURSIVE_MODES.includes(mode)) {
    errors.push(notSupported(path, mode, RECURSIVE_MODES));
    return;
  }
  if (!mount.readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  if (mount.mountPropagation != null && mount.mountPropagation !== 'None') {
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
  }
}

/** Checks a container's raw block devices against the pod's volumes and its own mounts. */
export function validateDevices(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<Container>,
  volumes: VolumesByName,
): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mountNames = new Set(container.volumeMounts?.map(({ name }) => name));
  const mountPaths = new Set(container.volumeMounts?.map(({ mountPath }) => mountPath));
  container.volumeDevices?.forEach((device, index) => {
    const at = `${path}[${index}]`;
    validateDeviceName(errors, `${at}.name`, device, volumes, names);
    validateDevicePath(errors, `${at}.devicePath`, device.devicePath, paths);
    if (mountNames.has(device.name)) {
      errors.push(invalid(`${at}.name`, device.name, 'must not already exist in volumeMounts'));
    }
    if (mountPaths.has(device.devicePath)) {
      errors.push(
        invalid(`${at}.devicePath`, device.devicePath, 'must not already exist as a path in volumeMounts'),
      );
    }
    if (device.name) names.add(device.name);
  });
}

function validateDeviceName(
  errors: FieldError[],
  path: string,
  device: DeepReadonly<VolumeDevice>,
  volumes: VolumesByName,
  names: ReadonlySet<string>,
): void {
  const { name } = device;
  const volume = volumes.get(name);
  if (!name) errors.push(required(path));
  if (names.has(name)) errors.push(invalid(path, name, 'must be unique'));
  if (!volume) errors.push(notFound(path, name ?? ''));
  else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
    errors.push(
      invalid(
        path,
        name,
        'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
      ),
    );
  }
}

function validateDevicePath(errors: FieldError[], path: string, device: string, paths: Set<string>): void {
  if (!device) errors.push(required(path));
  if (paths.has(device)) errors.push(invalid(path, device, 'must be unique'));
  const backsteps: FieldError[] = [];
  if (device) refuseBacksteps(backsteps, path, device);
  if (backsteps.length > 0) errors.push(invalid(path, device, "can not contain backsteps ('..')"));
  else paths.add(device);
}
