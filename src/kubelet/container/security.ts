/** What a container may do, from its own securityContext and its pod's. Source: Pod Security Context API. */
import { join } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  AppArmorProfile,
  Container,
  Pod,
  SELinuxOptions,
  SeccompProfile,
} from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';
import type { LinuxSecurity } from '../runtimes/container.ts';
import type { SecurityProfile, SeLinuxLabel } from '../runtimes/security-profile.ts';

/** Paths below /proc and /sys that containers do not see, as every container engine has them. */
const MASKED_PATHS = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
/** Paths below /proc that containers may only read. */
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** What of the node matters for a container's rights. */
export interface SecuritySurroundings {
  /** Directory of the node's own seccomp profiles. */
  readonly seccompDirectory: string;
  /** Whose processes an ephemeral container looks into. */
  readonly targetContainerId?: string;
}

/** See the file's head. */
export function linuxSecurity(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  { targetContainerId, seccompDirectory }: SecuritySurroundings,
): LinuxSecurity {
  const own = container.securityContext ?? {};
  const pods = pod.spec.securityContext ?? {};
  const runAsUser = own.runAsUser ?? pods.runAsUser;
  const runAsGroup = own.runAsGroup ?? pods.runAsGroup;
  const seccomp = seccompOf(own.seccompProfile ?? pods.seccompProfile, seccompDirectory);
  const appArmor = appArmorOf(own.appArmorProfile ?? pods.appArmorProfile);
  const seLinux = seLinuxOf(own.seLinuxOptions ?? pods.seLinuxOptions);
  const privileged = own.privileged === true;
  const unmasked = privileged || own.procMount === 'Unmasked';
  const groups = [...(pods.supplementalGroups ?? []), ...(pods.fsGroup === undefined ? [] : [pods.fsGroup])];
  return {
    privileged,
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    ...(runAsUser === undefined ? {} : { runAsUser: Number(runAsUser) }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: Number(runAsGroup) }),
    supplementalGroups: groups.map(Number),
    supplementalGroupsPolicy: pods.supplementalGroupsPolicy ?? 'Merge',
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    noNewPrivileges: own.allowPrivilegeEscalation === false,
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(appArmor === undefined ? {} : { appArmor }),
    ...(seLinux === undefined ? {} : { seLinux }),
    ...(targetContainerId === undefined ? {} : { targetContainerId }),
    maskedPaths: unmasked ? [] : MASKED_PATHS,
    readonlyPaths: unmasked ? [] : READONLY_PATHS,
  };
}

/**
 * Refuses a container that must not run as root but would.
 *
 * @param imageUser the user that the image asks for, number or name; undefined when it asks for none.
 */
export function checkNonRoot(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  imageUser: string | undefined,
): void {
  const own = container.securityContext ?? {};
  const pods = pod.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? pods.runAsNonRoot) !== true) return;
  const user = own.runAsUser ?? pods.runAsUser;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (user !== undefined) {
    if (user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  const name = imageUser?.split(':')[0] ?? '';
  if (name === '' || name === '0')
    throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  if (!/^\d+$/.test(name)) {
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root ${where}`,
    );
  }
}

function seccompOf(
  profile: DeepReadonly<SeccompProfile> | undefined,
  directory: string,
): SecurityProfile | undefined {
  if (profile === undefined) return undefined;
  const { type, localhostProfile } = profile;
  if (type !== 'Localhost') return { type: type === 'RuntimeDefault' ? type : 'Unconfined' };
  return { type, localhostRef: join(directory, localhostProfile ?? '') };
}

function appArmorOf(profile: DeepReadonly<AppArmorProfile> | undefined): SecurityProfile | undefined {
  if (profile === undefined) return undefined;
  const { type, localhostProfile = '' } = profile;
  if (type === 'Localhost') return { type, localhostRef: localhostProfile };
  return { type: type === 'RuntimeDefault' ? type : 'Unconfined' };
}

/** What a pod or container asks of SELinux in the runtime's words. */
export function seLinuxOf(options: DeepReadonly<SELinuxOptions> | undefined): SeLinuxLabel | undefined {
  if (options === undefined) return undefined;
  const { user = '', role = '', type = '', level = '' } = options;
  return { user, role, type, level };
}
