/** Which objects a quota is about. */
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { qosClassOf } from '../pod/qos.ts';
import type {
  Container,
  PersistentVolumeClaim,
  Pod,
  PodAffinityTerm,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from '../types.ts';

type AnyPod = DeepReadonly<Pod>;
type Requirement = DeepReadonly<ScopedResourceSelectorRequirement>;
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Whether the quota's scopes, all of them, select the object. One without scopes selects everything. */
export function selects(
  quota: DeepReadonly<ResourceQuota>,
  resource: string,
  object: DeepReadonly<ApiObject>,
): boolean {
  const scopes = (quota.spec.scopes ?? []).map(
    (scopeName): Requirement => ({ scopeName, operator: 'Exists' }),
  );
  return [...scopes, ...(quota.spec.scopeSelector?.matchExpressions ?? [])].every((requirement) => {
    if (resource === 'pods') return podMeets(requirement, object as AnyPod);
    if (resource !== 'persistentvolumeclaims') return false;
    const claim = object as DeepReadonly<PersistentVolumeClaim>;
    return (
      requirement.scopeName === 'VolumeAttributesClass' && meets(requirement, ...attributesClasses(claim))
    );
  });
}

/** What scopes look at and an update may change, as a text: while it stays the same, so does which quotas select the object. */
export function scopeMark(resource: string, object: DeepReadonly<ApiObject>): string {
  if (resource === 'pods') return String(isTerminating(object as AnyPod));
  if (resource !== 'persistentvolumeclaims') return '';
  return attributesClasses(object as DeepReadonly<PersistentVolumeClaim>).join();
}

const isTerminating = ({ spec }: AnyPod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0;

/** The classes that a claim asks for, has and is being brought to. */
function attributesClasses({ spec, status }: DeepReadonly<PersistentVolumeClaim>): readonly string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = status;
  const names = [
    spec.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.flatMap((name) => name || []))].sort();
}

function podMeets(requirement: Requirement, pod: AnyPod): boolean {
  const terminating = isTerminating(pod);
  const bestEffort = (pod.status.qosClass ?? qosClassOf(pod.spec)) === 'BestEffort';
  switch (requirement.scopeName) {
    case 'Terminating':
      return terminating;
    case 'NotTerminating':
      return !terminating;
    case 'BestEffort':
      return bestEffort;
    case 'NotBestEffort':
      return !bestEffort;
    case 'PriorityClass':
      return meets(requirement, ...(pod.spec.priorityClassName ? [pod.spec.priorityClassName] : []));
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

/** Whether one of the names does, or none at all. */
function meets({ operator, values = [] }: Requirement, ...names: readonly string[]): boolean {
  if (operator === 'Exists') return names.length > 0;
  if (operator === 'DoesNotExist') return names.length === 0;
  if (operator === 'In') return names.some((name) => values.includes(name));
  return names.length === 0 || names.some((name) => !values.includes(name));
}

function reachesOtherNamespaces({ spec: { affinity } }: AnyPod): boolean {
  const terms = [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap(
    (side): readonly DeepReadonly<PodAffinityTerm>[] => [
      ...(side?.[REQUIRED] ?? []),
      ...(side?.[PREFERRED] ?? []).map((each) => each.podAffinityTerm),
    ],
  );
  return terms.some((term) => (term.namespaces?.length ?? 0) > 0 || term.namespaceSelector !== undefined);
}

const STATED: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);

/**
 * What the containers of a pod have to state since a quota limits it, and do not, in words: `must specify limits.cpu for: a,b`.
 * Undefined when all is stated.
 */
export function unstated(names: readonly string[], { spec }: AnyPod): string | undefined {
  const { requests = {}, limits = {} } = spec.resources ?? {};
  if (Object.keys({ ...requests, ...limits }).length > 0) return undefined;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const missing = names
    .filter((name) => STATED.has(name))
    .sort()
    .flatMap((name) => {
      const silent = containers.filter((each) => !states(name, each)).map((each) => each.name);
      return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent)].sort().join(',')}`];
    });
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`;
}

function states(name: string, { resources }: DeepReadonly<Container>): boolean {
  const [, list, resource = ''] = /^(?:(limits|requests)\.)?(.*)$/.exec(name) ?? [];
  return resources?.[list === 'limits' ? 'limits' : 'requests']?.[resource] !== undefined;
}
