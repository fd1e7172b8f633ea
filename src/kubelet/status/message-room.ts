/** Room for the last words of a pod's containers in its status. Source: Container.terminationMessagePath. */
import type { ContainerState, ContainerStatus } from '../../apis/core/types.ts';

/** Bytes of all containers' messages together; each has an equal part. */
const POD_MESSAGES_BYTES_MAX = 12 * 1024;

/** Cuts each message to its part of the room of a pod with that many containers. Example: of six, to 2048 bytes. */
export function cutMessages(statuses: readonly ContainerStatus[], containers: number): void {
  const bytes = Math.floor(POD_MESSAGES_BYTES_MAX / Math.max(containers, 1));
  for (const { state, lastState } of statuses) {
    cut(state, bytes);
    cut(lastState, bytes);
  }
}

function cut(state: ContainerState | undefined, bytes: number): void {
  const { terminated } = state ?? {};
  // No character has more than three bytes for each of its units.
  if (terminated?.message === undefined || terminated.message.length * 3 <= bytes) return;
  const whole = Buffer.from(terminated.message);
  if (whole.length > bytes) terminated.message = whole.toString('utf8', 0, bytes);
}
