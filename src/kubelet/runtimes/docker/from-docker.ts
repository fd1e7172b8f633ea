/** Docker's words in the node agent's. Pure. */
import type { Container, ContainerState, ContainerStatus } from '../container.ts';
import type { Sandbox, SandboxState, SandboxStatus } from '../sandbox.ts';
import type { EngineContainer, EngineListedContainer, EngineState } from './engine-types.ts';
import type { ContainerRecord, SandboxRecord } from './own-labels.ts';

/** Exit code of a container that could not be started, as containerd has it. */
const START_ERROR = 128;

/** Wall milliseconds of a time of Docker's; 0 for one that never was. */
function timeOf(text: string): number {
  return Math.max(0, Date.parse(text) || 0);
}

/** A start that failed leaves the container as it was made, with the error noted. */
function hasFailedToStart({ Status, Error: error, ExitCode }: EngineState): boolean {
  return Status === 'created' && (error !== '' || ExitCode !== 0);
}

/** Where a container is in its life. */
export function stateOf(state: EngineState): ContainerState {
  if (hasFailedToStart(state)) return 'exited';
  return stateNamed(state.Status);
}

function stateNamed(status: string): ContainerState {
  switch (status) {
    case 'created':
    case 'configured': // Podman's word.
    case 'initialized':
      return 'created';
    case 'running':
    case 'paused':
    case 'restarting':
    case 'stopping':
      return 'running';
    case 'exited':
    case 'stopped':
    case 'removing':
    case 'dead':
      return 'exited';
    default:
      return 'unknown';
  }
}

const readiness = (isRunning: boolean): SandboxState => (isRunning ? 'ready' : 'notready');

/** A sandbox as listed. */
export function sandboxOf(listed: EngineListedContainer, record: SandboxRecord): Sandbox {
  const { metadata, labels, annotations } = record;
  const state = readiness(listed.State === 'running');
  return { id: listed.Id, metadata, labels, annotations, state, createdAt: listed.Created * 1000 };
}

/** A sandbox looked at closely. */
export function sandboxStatusOf(found: EngineContainer, record: SandboxRecord): SandboxStatus {
  const { metadata, labels, annotations } = record;
  const { Networks, IPAddress, GlobalIPv6Address } = found.NetworkSettings ?? {};
  const networks = [{ IPAddress, GlobalIPv6Address }, ...Object.values(Networks ?? {})];
  const ips = networks.flatMap((network) => [network?.IPAddress ?? '', network?.GlobalIPv6Address ?? '']);
  return {
    id: found.Id,
    metadata,
    labels,
    annotations,
    state: readiness(found.State.Running),
    createdAt: timeOf(found.Created),
    ips: [...new Set(ips.filter((ip) => ip !== ''))],
  };
}

/** A container as listed. The list does not tell a container that could not be started from one that was not yet. */
export function containerOf(
  listed: EngineListedContainer,
  record: ContainerRecord & { readonly sandboxId: string },
): Container {
  const { metadata, labels, annotations, image, sandboxId } = record;
  return {
    id: listed.Id,
    sandboxId,
    metadata,
    image,
    imageRef: listed.ImageID,
    state: stateNamed(listed.State),
    createdAt: listed.Created * 1000,
    labels,
    annotations,
  };
}

/** A container looked at closely. */
export function containerStatusOf(
  found: EngineContainer,
  record: ContainerRecord & { readonly sandboxId: string },
): ContainerStatus {
  const { metadata, labels, annotations, image, sandboxId } = record;
  const createdAt = timeOf(found.Created);
  return {
    id: found.Id,
    sandboxId,
    metadata,
    image,
    imageRef: found.Image,
    createdAt,
    labels,
    annotations,
    ...endOf(found.State, createdAt),
  };
}

type End = Pick<ContainerStatus, 'state' | 'startedAt' | 'finishedAt' | 'exitCode' | 'reason' | 'message'>;

function endOf(state: EngineState, createdAt: number): End {
  const startedAt = timeOf(state.StartedAt);
  const none = { startedAt, finishedAt: 0, exitCode: 0, reason: '', message: '' };
  if (hasFailedToStart(state)) {
    const reason = 'StartError';
    return {
      state: 'exited',
      startedAt: createdAt,
      finishedAt: createdAt,
      exitCode: START_ERROR,
      reason,
      message: state.Error,
    };
  }
  const name = stateOf(state);
  if (name !== 'exited') return { ...none, state: name };
  const ordinary = state.ExitCode === 0 ? 'Completed' : 'Error';
  return {
    ...none,
    state: name,
    // The clocks of a virtual machine and this one may differ by a little, but an end is never before its start.
    finishedAt: Math.max(timeOf(state.FinishedAt), startedAt),
    exitCode: state.ExitCode,
    reason: state.OOMKilled ? 'OOMKilled' : ordinary,
    message: state.Error,
  };
}
