/** The node agent's words in CRI's. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { pageSizeText } from '../../huge-pages.ts';
import type { ContainerConfig, LinuxResources, LinuxSecurity } from '../container.ts';
import type { RuntimeFilter } from '../runtime.ts';
import type { LinuxSandboxConfig, SandboxConfig, UserRange } from '../sandbox.ts';
import type { SecurityProfile } from '../security-profile.ts';
import {
  type ContainerConfigSchema,
  type ContainerFilterSchema,
  type LinuxContainerResourcesSchema,
  type LinuxContainerSecurityContextSchema,
  type LinuxSandboxSecurityContextSchema,
  MountPropagation,
  NamespaceMode,
  type NamespaceOptionSchema,
  type PodSandboxConfigSchema,
  type PodSandboxFilterSchema,
  Protocol,
  SecurityProfile_ProfileType,
  type SecurityProfileSchema,
  Signal,
  SupplementalGroupsPolicy,
} from './generated/runtime_pb.ts';

const PROPAGATION = {
  private: MountPropagation.PROPAGATION_PRIVATE,
  hostToContainer: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
  bidirectional: MountPropagation.PROPAGATION_BIDIRECTIONAL,
} as const;

/** A sandbox's configuration. */
export function criSandbox(config: SandboxConfig): MessageInitShape<typeof PodSandboxConfigSchema> {
  const { metadata, hostname, logDirectory, dns, labels, annotations, linux } = config;
  return {
    metadata,
    hostname,
    logDirectory,
    ...(dns === undefined
      ? {}
      : {
          dnsConfig: { servers: [...dns.servers], searches: [...dns.searches], options: [...dns.options] },
        }),
    portMappings: config.portMappings.map(({ protocol, containerPort, hostPort, hostIP }) => ({
      protocol: Protocol[protocol],
      containerPort,
      hostPort,
      hostIp: hostIP,
    })),
    labels,
    annotations,
    linux: {
      cgroupParent: linux.cgroupParent ?? '',
      sysctls: linux.sysctls,
      securityContext: sandboxSecurity(linux),
    },
  };
}

function sandboxSecurity(
  linux: LinuxSandboxConfig,
): MessageInitShape<typeof LinuxSandboxSecurityContextSchema> {
  return {
    namespaceOptions: namespaces(linux),
    ...identity(linux, ''),
    readonlyRootfs: linux.readonlyRootfs,
    supplementalGroups: linux.supplementalGroups.map(BigInt),
    privileged: linux.privileged,
    ...seccompOf(linux.seccomp),
    ...(linux.seLinux === undefined ? {} : { selinuxOptions: linux.seLinux }),
  };
}

/**
 * A container's configuration; the sandbox's says which namespaces it joins.
 *
 * @param imageUser number or name of the image's user; needed only for {@link isGroupAlone}.
 */
export function criContainer(
  config: ContainerConfig,
  sandbox: SandboxConfig,
  imageUser = '',
): MessageInitShape<typeof ContainerConfigSchema> {
  const { resources, stopSignal } = config;
  const { users } = sandbox.linux;
  return {
    metadata: config.metadata,
    image: { image: config.imageRef, userSpecifiedImage: config.image },
    command: [...config.command],
    args: [...config.args],
    workingDir: config.workingDir,
    envs: config.env.map(({ name, value }) => ({ key: name, value: Buffer.from(value) })),
    mounts: config.mounts.map(
      ({ containerPath, hostPath, readonly, recursiveReadOnly, propagation, image }) => ({
        containerPath,
        hostPath,
        readonly,
        recursiveReadOnly: recursiveReadOnly === true,
        propagation: PROPAGATION[propagation],
        // Files of the node belong to the pod's users by the same numbers as on the disk.
        ...(users === undefined ? {} : { uidMappings: mapping(users), gidMappings: mapping(users) }),
        ...(image === undefined
          ? {}
          : {
              image: { image: image.ref, userSpecifiedImage: image.reference },
              imageSubPath: image.subPath,
            }),
      }),
    ),
    CDIDevices: (config.cdiDevices ?? []).map((name) => ({ name })),
    devices: (config.devicePaths ?? []).map((path) => ({
      containerPath: path,
      hostPath: path,
      permissions: 'rwm',
    })),
    labels: config.labels,
    annotations: config.annotations,
    logPath: config.logPath,
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    linux: {
      resources: criResources(resources),
      securityContext: containerSecurity(config.security, sandbox.linux, imageUser),
    },
    ...(stopSignal === undefined ? {} : { stopSignal: signalOf(stopSignal) }),
  };
}

/** Limits of a container. */
export function criResources(
  resources: LinuxResources,
): MessageInitShape<typeof LinuxContainerResourcesSchema> {
  return {
    cpuPeriod: whole(resources.cpuPeriod),
    cpuQuota: whole(resources.cpuQuota),
    cpuShares: whole(resources.cpuShares),
    memoryLimitInBytes: whole(resources.memoryLimit),
    memorySwapLimitInBytes: whole(resources.swapLimit),
    oomScoreAdj: whole(resources.oomScoreAdj),
    hugepageLimits: resources.hugePages.map(({ size, bytes }) => ({
      pageSize: pageSizeText(size),
      limit: whole(bytes),
    })),
    unified: resources.unified,
  };
}

function containerSecurity(
  security: LinuxSecurity,
  sandbox: LinuxSandboxConfig,
  imageUser: string,
): MessageInitShape<typeof LinuxContainerSecurityContextSchema> {
  return {
    capabilities: {
      addCapabilities: [...security.addCapabilities],
      dropCapabilities: [...security.dropCapabilities],
    },
    privileged: security.privileged,
    namespaceOptions: namespacesOf(security, sandbox),
    ...identity(security, imageUser),
    readonlyRootfs: security.readonlyRootfs,
    supplementalGroups: security.supplementalGroups.map(BigInt),
    supplementalGroupsPolicy: SupplementalGroupsPolicy[security.supplementalGroupsPolicy],
    noNewPrivs: security.noNewPrivileges,
    maskedPaths: [...security.maskedPaths],
    readonlyPaths: [...security.readonlyPaths],
    ...seccompOf(security.seccomp),
    ...(security.appArmor === undefined ? {} : { apparmor: profileOf(security.appArmor) }),
    ...(security.seLinux === undefined ? {} : { selinuxOptions: security.seLinux }),
  };
}

/** Which namespaces are the node's, the pod's, or the container's own. */
function namespaces(linux: LinuxSandboxConfig): MessageInitShape<typeof NamespaceOptionSchema> {
  const { hostNetwork, hostPid, hostIpc, sharePid, users } = linux;
  const ownPid = sharePid ? NamespaceMode.POD : NamespaceMode.CONTAINER;
  return {
    network: hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD,
    pid: hostPid ? NamespaceMode.NODE : ownPid,
    ipc: hostIpc ? NamespaceMode.NODE : NamespaceMode.POD,
    ...(users === undefined
      ? {}
      : { usernsOptions: { mode: NamespaceMode.POD, uids: mapping(users), gids: mapping(users) } }),
  };
}

const mapping = ({ first, length }: UserRange) => [{ hostId: first, containerId: 0, length }];

/** An ephemeral container may look into the processes of another. */
function namespacesOf({ targetContainerId }: LinuxSecurity, sandbox: LinuxSandboxConfig) {
  if (targetContainerId === undefined) return namespaces(sandbox);
  return { ...namespaces(sandbox), pid: NamespaceMode.TARGET, targetId: targetContainerId };
}

/** User and group of a sandbox or container, where they are not left to the image. */
interface Identity {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

/** Whether a group is given and no user: CRI refuses that, so the image's user has to be named with it. */
export function isGroupAlone({ runAsUser, runAsGroup }: Identity): boolean {
  return runAsGroup !== undefined && runAsUser === undefined;
}

function identity(wanted: Identity, imageUser: string) {
  const { runAsUser, runAsGroup } = wanted;
  const group = runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(runAsGroup) } };
  if (runAsUser !== undefined) return { ...group, runAsUser: { value: BigInt(runAsUser) } };
  if (!isGroupAlone(wanted)) return group;
  return /^\d*$/.test(imageUser)
    ? { ...group, runAsUser: { value: BigInt(imageUser) } }
    : { ...group, runAsUsername: imageUser };
}

function seccompOf(profile: SecurityProfile | undefined): {
  seccomp?: MessageInitShape<typeof SecurityProfileSchema>;
} {
  return profile === undefined ? {} : { seccomp: profileOf(profile) };
}

function profileOf({
  type,
  localhostRef = '',
}: SecurityProfile): MessageInitShape<typeof SecurityProfileSchema> {
  return { profileType: SecurityProfile_ProfileType[type], localhostRef };
}

function signalOf(name: string): Signal {
  const numbers: Readonly<Record<string, number>> = Signal;
  return (numbers[name.replace('SIGRTMIN+', 'SIGRTMINPLUS').replace('SIGRTMAX-', 'SIGRTMAXMINUS')] ??
    Signal.RUNTIME_DEFAULT) as Signal;
}

const whole = (value: number): bigint => BigInt(Math.floor(value));

/** Which sandboxes to list. */
export function criSandboxFilter({
  id,
  sandboxId,
  labels,
}: RuntimeFilter): MessageInitShape<typeof PodSandboxFilterSchema> {
  const wanted = id ?? sandboxId;
  return { ...(wanted === undefined ? {} : { id: wanted }), labelSelector: labels ?? {} };
}

/** Which containers to list. */
export function criContainerFilter({
  id,
  sandboxId,
  labels,
}: RuntimeFilter): MessageInitShape<typeof ContainerFilterSchema> {
  return {
    ...(id === undefined ? {} : { id }),
    ...(sandboxId === undefined ? {} : { podSandboxId: sandboxId }),
    labelSelector: labels ?? {},
  };
}
