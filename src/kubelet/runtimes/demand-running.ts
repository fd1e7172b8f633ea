import type { ContainerState } from './container.ts';
import { RuntimeError } from './runtime-error.ts';

/** A command or a client can join a running container alone. @throws {RuntimeError} for any other, in containerd's words. */
export function demandRunning(state: ContainerState): void {
  if (state === 'running') return;
  throw new RuntimeError('Failed', `container is in CONTAINER_${state.toUpperCase()} state`);
}
