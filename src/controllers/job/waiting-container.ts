/** Which container of a pod waits for an image, or a part of its configuration, that its node cannot get. Pure. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { ContainerStatus, Pod } from '../../apis/core/types.ts';

/** What a kubelet calls waiting for something that it could not get. */
const REASONS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
  'CreateContainerConfigError',
]);

/** The reason why a container of the pod waits for what the node cannot get; undefined when none does. */
export function waitingReason(pod: DeepReadonly<Pod>): string | undefined {
  return waitingContainer(pod)?.state?.waiting?.reason;
}

/** The first such container, init containers before others; undefined when none waits. */
export function waitingContainer({ status }: DeepReadonly<Pod>): DeepReadonly<ContainerStatus> | undefined {
  const waits = ({ state }: DeepReadonly<ContainerStatus>): boolean =>
    REASONS.has(state?.waiting?.reason ?? '');
  return status?.initContainerStatuses?.find(waits) ?? status?.containerStatuses?.find(waits);
}
