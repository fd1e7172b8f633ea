/** Tells that a container that keeps ending waits before it runs again: in its status, and by an event. */
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import type { EventRecorder } from '../../client/index.ts';
import { type ContainerRecord, fieldPathOf } from './pod-view.ts';

/** See the file's head. Once for each wait. */
export function tellBackOff(pod: DeepReadonly<Pod>, record: ContainerRecord, events: EventRecorder): void {
  if (record.waiting?.reason === 'CrashLoopBackOff') return;
  const { name, namespace, uid } = pod.metadata;
  const container = record.spec.name;
  const where = `${name}_${namespace}(${uid})`;
  const wait = formatGoDuration(record.backoffMs);
  const message = `back-off ${wait} restarting failed container=${container} pod=${where}`;
  record.waiting = { reason: 'CrashLoopBackOff', message };
  const told = `Back-off restarting failed container ${container} in pod ${where}`;
  events.event(pod, 'Warning', 'BackOff', told, fieldPathOf(record));
}
