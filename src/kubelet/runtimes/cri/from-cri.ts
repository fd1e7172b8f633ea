/** CRI's answers in the node agent's words. Pure. */
import type { Container, ContainerState, ContainerStatus, ProcessUser } from '../container.ts';
import type { Image } from '../image.ts';
import { isLocalMark } from '../local-mark.ts';
import type { CgroupParents, RuntimeFeatures, RuntimeStatus } from '../runtime.ts';
import type { Sandbox, SandboxConfig, SandboxStatus } from '../sandbox.ts';
import {
  CgroupDriver,
  type Container as CriContainer,
  type ContainerStatus as CriContainerStatus,
  type Image as CriImage,
  type PodSandbox as CriSandbox,
  type PodSandboxStatus as CriSandboxStatus,
  ContainerState as CriState,
  type LinuxContainerUser,
  type PodSandboxMetadata,
  PodSandboxState,
  type RuntimeCondition,
  type StatusResponse,
} from './generated/runtime_pb.ts';

const NS_PER_MS = 1_000_000n;

const millisecondsOf = (nanoseconds: bigint): number => Number(nanoseconds / NS_PER_MS);

function stateOf(state: number): ContainerState {
  switch (state) {
    case CriState.CONTAINER_CREATED:
      return 'created';
    case CriState.CONTAINER_RUNNING:
      return 'running';
    case CriState.CONTAINER_EXITED:
      return 'exited';
    default:
      return 'unknown';
  }
}

function sandboxMetadata(metadata: PodSandboxMetadata | undefined): SandboxConfig['metadata'] {
  const { name = '', namespace = '', uid = '', attempt = 0 } = metadata ?? {};
  return { name, namespace, uid, attempt };
}

/** A sandbox as listed. */
export function sandboxOf({ id, metadata, state, createdAt, labels, annotations }: CriSandbox): Sandbox {
  return {
    id,
    metadata: sandboxMetadata(metadata),
    state: state === PodSandboxState.SANDBOX_READY ? 'ready' : 'notready',
    createdAt: millisecondsOf(createdAt),
    labels,
    annotations,
  };
}

/** A sandbox looked at closely. */
export function sandboxStatusOf(status: CriSandboxStatus): SandboxStatus {
  const { id, metadata, state, createdAt, labels, annotations, network } = status;
  const ips = [network?.ip ?? '', ...(network?.additionalIps ?? []).map(({ ip }) => ip)];
  return {
    id,
    metadata: sandboxMetadata(metadata),
    state: state === PodSandboxState.SANDBOX_READY ? 'ready' : 'notready',
    createdAt: millisecondsOf(createdAt),
    labels,
    annotations,
    ips: ips.filter((ip) => ip !== ''),
  };
}

/** A container as listed. */
export function containerOf(container: CriContainer): Container {
  const { id, podSandboxId, metadata, image, imageRef, state, createdAt, labels, annotations } = container;
  return {
    id,
    sandboxId: podSandboxId,
    metadata: { name: metadata?.name ?? '', attempt: metadata?.attempt ?? 0 },
    image: image?.userSpecifiedImage || (image?.image ?? ''),
    imageRef,
    state: stateOf(state),
    createdAt: millisecondsOf(createdAt),
    labels,
    annotations,
  };
}

/** A container looked at closely. @param sandboxId its sandbox, which CRI does not say here. */
export function containerStatusOf(status: CriContainerStatus, sandboxId: string): ContainerStatus {
  const { id, metadata, image, imageRef, state, createdAt, labels, annotations } = status;
  return {
    id,
    sandboxId,
    metadata: { name: metadata?.name ?? '', attempt: metadata?.attempt ?? 0 },
    image: image?.userSpecifiedImage || (image?.image ?? ''),
    imageRef,
    state: stateOf(state),
    createdAt: millisecondsOf(createdAt),
    labels,
    annotations,
    startedAt: millisecondsOf(status.startedAt),
    finishedAt: millisecondsOf(status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message: status.message,
    ...(status.user?.linux === undefined ? {} : { user: userOf(status.user.linux) }),
  };
}

function userOf({ uid, gid, supplementalGroups }: LinuxContainerUser): ProcessUser {
  return { uid: Number(uid), gid: Number(gid), supplementalGroups: supplementalGroups.map(Number) };
}

/** An image. @param local whether it was built or loaded on this machine. */
export function imageOf(image: CriImage, local: boolean): Image {
  const user = image.uid === undefined ? image.username : String(image.uid.value);
  return {
    id: image.id,
    tags: image.repoTags.filter((name) => !isLocalMark(name)),
    digests: image.repoDigests,
    sizeBytes: Number(image.size),
    ...(user === '' ? {} : { user }),
    local,
  };
}

/** What the runtime can do: what its default handler can, and what it says of itself. */
export function featuresOf({ runtimeHandlers, features }: StatusResponse): RuntimeFeatures {
  const handler = runtimeHandlers.find(({ name }) => name === '');
  return {
    supplementalGroupsPolicy: features?.supplementalGroupsPolicy === true,
    recursiveReadOnlyMounts: handler?.features?.recursiveReadOnlyMounts === true,
    userNamespaces: runtimeHandlers
      .filter((each) => each.features?.userNamespaces === true)
      .map(({ name }) => name),
  };
}

/**
 * How control groups are named: by their path, or as systemd's slices where that is their manager. A runtime that tells neither
 * when it is asked (`driver`), nor in its configuration as containerd does, names them in a way of its own.
 */
export function cgroupParentsOf(state: StatusResponse, driver?: CgroupDriver): CgroupParents {
  if (driver !== undefined) return driver === CgroupDriver.CGROUPFS ? 'path' : 'slice';
  const { containerd } = configOf(state);
  if (containerd === undefined) return 'none';
  const { defaultRuntimeName = '', runtimes = {} } = containerd;
  return runtimes[defaultRuntimeName]?.options?.SystemdCgroup === true ? 'slice' : 'path';
}

/** The image that sandboxes are made from, where the runtime tells, as containerd does. */
export function sandboxImageOf(state: StatusResponse): string | undefined {
  return configOf(state).sandboxImage;
}

function configOf({ info }: StatusResponse): ContainerdConfig {
  try {
    return JSON.parse(info['config'] ?? '{}') as ContainerdConfig;
  } catch {
    return {}; // Another runtime's, in a language of its own.
  }
}

/** The part of containerd's own account of itself that matters here. */
interface ContainerdConfig {
  readonly sandboxImage?: string;
  readonly containerd?: {
    readonly defaultRuntimeName?: string;
    readonly runtimes?: Readonly<
      Record<string, { readonly options?: { readonly SystemdCgroup?: boolean } | null } | undefined>
    >;
  };
}

/** The two conditions that every runtime reports. */
export function statusOf(conditions: readonly RuntimeCondition[]): RuntimeStatus {
  const find = (type: string): RuntimeCondition | undefined => conditions.find((each) => each.type === type);
  const runtime = find('RuntimeReady');
  const network = find('NetworkReady');
  const complaint = [runtime, network].find((each) => each?.status === false);
  const message = complaint?.message || complaint?.reason;
  return {
    ready: runtime?.status === true,
    networkReady: network?.status === true,
    ...(message === undefined ? {} : { message }),
  };
}
