/** The node agent's words in Docker's: the bodies of `POST /containers/create`. Pure. */
import { basename } from 'node:path';
import type { ContainerConfig, LinuxResources, LinuxSecurity, Mount } from '../container.ts';
import type { LinuxSandboxConfig, SandboxConfig } from '../sandbox.ts';
import type { SecurityProfile, SeLinuxLabel } from '../security-profile.ts';
import type { TextMap } from '../text-map.ts';

/** The first version of the API whose read-only mounts are read-only below as well, and can be told not to be. */
const RECURSIVE_READ_ONLY_API = 44;

/**
 * How the engine keeps output, out of which the log that Kubernetes knows is made: enough for what a container prints while
 * nobody takes it over, and not for ever.
 */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '64m', 'max-file': '2' } };

/**
 * Private is the engine's default, and has to be left to it: for a directory that holds the engine's own, such as `/`, it refuses
 * the word and chooses `rslave`.
 */
const PROPAGATION = { private: undefined, hostToContainer: 'rslave', bidirectional: 'rshared' } as const;

/** The body for a sandbox: a container of the sandbox's own image, whose namespaces the pod's containers join. */
export function dockerSandbox(config: SandboxConfig, image: string, labels: TextMap): object {
  const { linux, dns, hostname, portMappings } = config;
  return {
    Image: image,
    ...(hostname === '' || linux.hostNetwork ? {} : { Hostname: hostname }),
    ...(linux.runAsUser === undefined ? {} : { User: userOf(linux, '') }),
    Labels: labels,
    // Its first process heeds no other signal.
    StopSignal: 'SIGKILL',
    ExposedPorts: Object.fromEntries(portMappings.map((port) => [exposed(port), {}])),
    HostConfig: {
      ...handlerOf(config.runtimeHandler),
      ...(linux.hostNetwork ? { NetworkMode: 'host', UTSMode: 'host' } : {}),
      ...(linux.hostPid ? { PidMode: 'host' } : {}),
      IpcMode: linux.hostIpc ? 'host' : 'shareable',
      PortBindings: portBindings(config),
      ...dnsOf(dns),
      Sysctls: linux.sysctls,
      CapDrop: ['ALL'],
      ReadonlyRootfs: true,
      SecurityOpt: ['no-new-privileges', ...labelsOf(linux.seLinux)],
      // As upstream: a machine short of memory loses containers before it loses what holds them together.
      OomScoreAdj: 0,
      LogConfig: { Type: 'none', Config: {} },
      ...parentOf(linux.cgroupParent),
    },
  };
}

/** What of the engine and the image matters for a container's body. */
export interface ContainerPlace {
  readonly sandboxId: string;
  readonly sandbox: LinuxSandboxConfig;
  readonly labels: TextMap;
  /** Which of the engine's runtimes the pod is run by; absent: its default. */
  readonly runtimeHandler: string | undefined;
  /** User of the image, where the container has a group of its own and no user. */
  readonly imageUser: string;
  /** Text of the seccomp profile where it is one of this machine's files. */
  readonly seccompProfile: string | undefined;
  /** Minor version of the API. */
  readonly api: number;
  /** Whether the host's name comes with the sandbox's network; Podman shares it where it is asked to. */
  readonly sharesHostname: boolean;
}

/** The body for a container. */
export function dockerContainer(config: ContainerConfig, place: ContainerPlace): object {
  const { security, command, args, workingDir, stopSignal } = config;
  const user = userOf(security, place.imageUser);
  return {
    Image: config.imageRef,
    ...(command.length === 0 ? {} : { Entrypoint: command }),
    ...(args.length === 0 ? {} : { Cmd: args }),
    ...(workingDir === '' ? {} : { WorkingDir: workingDir }),
    ...(user === '' ? {} : { User: user }),
    Env: config.env.map(({ name, value }) => `${name}=${value}`),
    Labels: place.labels,
    Tty: config.tty,
    OpenStdin: config.stdin,
    StdinOnce: config.stdinOnce,
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
    // Kubernetes has probes of its own, and heeds no image's.
    Healthcheck: { Test: ['NONE'] },
    HostConfig: {
      ...namespacesOf(security, place),
      ...handlerOf(place.runtimeHandler),
      ...resourcesOf(config),
      ...rightsOf(security, place),
      ...devicesOf(config),
      Mounts: config.mounts.map((mount) => mountOf(mount, place.api)),
    },
  };
}

/** A runtime class names one of the runtimes that the engine was set up with. */
function handlerOf(name: string | undefined): object {
  return name === undefined || name === '' ? {} : { Runtime: name };
}

function namespacesOf({ targetContainerId }: LinuxSecurity, place: ContainerPlace): object {
  const { sandboxId, sandbox, sharesHostname } = place;
  const uts = sandbox.hostNetwork ? 'host' : `container:${sandboxId}`;
  const ownPid = sandbox.sharePid ? `container:${sandboxId}` : '';
  const pid = sandbox.hostPid ? 'host' : ownPid;
  return {
    NetworkMode: `container:${sandboxId}`,
    IpcMode: sandbox.hostIpc ? 'host' : `container:${sandboxId}`,
    ...(sandbox.hostNetwork || !sharesHostname ? { UTSMode: uts } : {}),
    PidMode: targetContainerId === undefined ? pid : `container:${targetContainerId}`,
  };
}

/** Limits of a container, which may change while it runs. */
export function limitsOf(resources: LinuxResources): object {
  const { memoryLimit } = resources;
  return {
    CpuPeriod: resources.cpuQuota === 0 ? 0 : Math.floor(resources.cpuPeriod),
    CpuQuota: Math.floor(resources.cpuQuota),
    CpuShares: Math.floor(resources.cpuShares),
    Memory: Math.floor(memoryLimit),
    // Memory and swap together: so a limit cannot be got around by swapping.
    MemorySwap: Math.floor(memoryLimit),
  };
}

function resourcesOf({ resources, cgroupParent }: ContainerConfig): object {
  return {
    ...limitsOf(resources),
    // Sparing a process takes a right that an engine may not have (rootless ones do not); giving it up takes none.
    OomScoreAdj: Math.max(0, resources.oomScoreAdj),
    LogConfig: LOG_CONFIG,
    ...parentOf(cgroupParent),
  };
}

/** Of a slice the engine wants the name alone. */
function parentOf(cgroup: string | undefined): object {
  if (cgroup === undefined) return {};
  return { CgroupParent: cgroup.endsWith('.slice') ? basename(cgroup) : cgroup };
}

function rightsOf(security: LinuxSecurity, place: ContainerPlace): object {
  const { maskedPaths, readonlyPaths } = security;
  return {
    Privileged: security.privileged,
    CapAdd: security.addCapabilities,
    CapDrop: security.dropCapabilities,
    GroupAdd: security.supplementalGroups.map(String),
    ReadonlyRootfs: security.readonlyRootfs,
    SecurityOpt: [
      ...(security.noNewPrivileges ? ['no-new-privileges'] : []),
      ...seccompOf(security.seccomp, place.seccompProfile),
      ...appArmorOf(security.appArmor),
      ...labelsOf(security.seLinux),
    ],
    ...(security.privileged ? {} : { MaskedPaths: maskedPaths, ReadonlyPaths: readonlyPaths }),
  };
}

/** Without a profile a container is not confined, as in Kubernetes; Docker's own default is `RuntimeDefault`. */
function seccompOf(profile: SecurityProfile | undefined, text: string | undefined): string[] {
  if (profile?.type === 'RuntimeDefault') return [];
  return [`seccomp=${profile?.type === 'Localhost' ? (text ?? '') : 'unconfined'}`];
}

/** Without a profile, and for `RuntimeDefault`, the engine's own confines it where the machine has AppArmor. */
function appArmorOf(profile: SecurityProfile | undefined): string[] {
  if (profile === undefined || profile.type === 'RuntimeDefault') return [];
  return [`apparmor=${profile.type === 'Localhost' ? profile.localhostRef : 'unconfined'}`];
}

function labelsOf(label: SeLinuxLabel | undefined): string[] {
  const parts = Object.entries(label ?? {}).filter(([, value]) => value !== '');
  return parts.map(([part, value]) => `label=${part}:${value}`);
}

interface Identity {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

/** Whether a group is given and no user: then the image's user has to be named with it. */
export function isGroupAlone({ runAsUser, runAsGroup }: Identity): boolean {
  return runAsGroup !== undefined && runAsUser === undefined;
}

function userOf({ runAsUser, runAsGroup }: Identity, imageUser: string): string {
  if (runAsGroup === undefined) return runAsUser === undefined ? '' : String(runAsUser);
  const user = runAsUser === undefined ? imageUser.split(':')[0] || '0' : String(runAsUser);
  return `${user}:${runAsGroup}`;
}

function mountOf(
  { hostPath, containerPath, readonly, recursiveReadOnly, propagation }: Mount,
  api: number,
): object {
  // Kubernetes' read-only stops at the volume itself unless more is asked for; newer engines go further by themselves.
  const depth =
    recursiveReadOnly === true ? { ReadOnlyForceRecursive: true } : { ReadOnlyNonRecursive: true };
  return {
    Type: 'bind',
    Source: hostPath,
    Target: containerPath,
    ReadOnly: readonly,
    BindOptions: {
      Propagation: PROPAGATION[propagation],
      ...(readonly && api >= RECURSIVE_READ_ONLY_API ? depth : {}),
    },
  };
}

function devicesOf({ devicePaths = [], cdiDevices = [] }: ContainerConfig): object {
  return {
    Devices: devicePaths.map((path) => ({
      PathOnHost: path,
      PathInContainer: path,
      CgroupPermissions: 'rwm',
    })),
    ...(cdiDevices.length === 0 ? {} : { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: cdiDevices }] }),
  };
}

type Port = SandboxConfig['portMappings'][number];

const exposed = ({ containerPort, protocol }: Port): string => `${containerPort}/${protocol.toLowerCase()}`;

function portBindings({ portMappings }: SandboxConfig): object {
  const bindings: Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]> = {};
  for (const port of portMappings) {
    const more = { HostIp: port.hostIP, HostPort: String(port.hostPort) };
    bindings[exposed(port)] = [...(bindings[exposed(port)] ?? []), more];
  }
  return bindings;
}

function dnsOf(dns: SandboxConfig['dns']): object {
  if (dns === undefined) return {};
  // A dot stands for no search at all; an empty list would be the node's own.
  const searches = dns.searches.length === 0 ? ['.'] : dns.searches;
  return { Dns: dns.servers, DnsSearch: searches, DnsOptions: dns.options };
}
