/** Which pods services choose, and which services a change of a pod is about. */
import { findCondition } from '../../apimachinery/meta/conditions.ts';
import { type ApiObject, type DeepReadonly, objectKey } from '../../apimachinery/meta/object.ts';
import { isPodTerminal } from '../../apis/core/index.ts';
import type { Pod, Service } from '../../apis/core/types.ts';
import type { Informer, Workqueue } from '../../client/index.ts';

type AnyPod = DeepReadonly<Pod>;
type AnyService = DeepReadonly<Service>;

/** Milliseconds for which changes of pods are gathered, so that a Job that starts a thousand pods costs a few writes. */
const BATCH_MS = 100;

/** Whether a service lists that pod among its endpoints, once the pod has an address. A service without a selector lists none. */
export function selects({ metadata, spec }: AnyService, pod: AnyPod): boolean {
  if (spec.selector === undefined || metadata.namespace !== pod.metadata.namespace) return false;
  const labels = pod.metadata.labels ?? {};
  return Object.entries(spec.selector).every(([key, value]) => labels[key] === value);
}

/** Hands the keys of services to `queue` whose pods have changed in what endpoints say of them. A pod of no service costs nothing more. */
export function followSelectedPods(
  pods: Informer<Pod>,
  services: Informer<Service>,
  queue: Pick<Workqueue, 'addAfter'>,
): void {
  const choosing = (pod: AnyPod): readonly AnyService[] =>
    services.lister.list(pod.metadata.namespace ?? '').filter((service) => selects(service, pod));
  const changed = (chosenBy: readonly DeepReadonly<ApiObject>[]): void => {
    for (const service of chosenBy) queue.addAfter(objectKey(service), BATCH_MS);
  };
  pods.onChange({
    added: (pod) => changed(choosing(pod)),
    updated: (pod, old) => {
      const chosenBy = [...choosing(pod), ...choosing(old)];
      if (chosenBy.length > 0 && isOther(pod, old)) changed(chosenBy);
    },
    deleted: (pod) => changed(choosing(pod)),
  });
}

/** Whether anything that an endpoint says of its pod has changed. */
function isOther(pod: AnyPod, old: AnyPod): boolean {
  const told = ({ metadata, spec, status }: AnyPod): unknown => [
    metadata.labels,
    metadata.deletionTimestamp,
    spec.nodeName,
    spec.hostname,
    spec.subdomain,
    status.podIPs,
    isPodTerminal({ status }),
    findCondition(status.conditions, 'Ready')?.status,
  ];
  return JSON.stringify(told(pod)) !== JSON.stringify(told(old));
}
