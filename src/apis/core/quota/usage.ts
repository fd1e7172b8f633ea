/** What objects count for in quotas. */
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { addAmounts } from '../amounts.ts';
import { isPodTerminal } from '../pod/phase.ts';
import { podLimits, podRequests } from '../pod/pod-amounts.ts';
import { isHugePages, isNativeResource } from '../resource-names.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../types.ts';

/** Amounts by the names that quotas use. */
export type Usage = Readonly<Record<string, string>>;

/** Names from before there was `count/…`. */
const OLD_NAMES: ReadonlySet<string> = new Set([
  'configmaps',
  'resourcequotas',
  'replicationcontrollers',
  'secrets',
]);
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const COMPUTE_NAME = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage)$/;

/** `count/jobs.batch`: the name under which any kind is counted. */
const countName = (group: string, resource: string): string =>
  `count/${resource}${group === '' ? '' : `.${group}`}`;

/** What one object of a resource uses. `now` (milliseconds) tells whether a pod's time to end is over. */
export function usageOf(
  group: string,
  resource: string,
  object: DeepReadonly<ApiObject>,
  now: number,
): Usage {
  const usage: Record<string, string> = { [countName(group, resource)]: '1' };
  if (group !== '') return usage;
  if (OLD_NAMES.has(resource)) usage[resource] = '1';
  if (resource === 'pods') Object.assign(usage, podUsage(object as DeepReadonly<Pod>, now));
  if (resource === 'services') Object.assign(usage, serviceUsage(object as DeepReadonly<Service>));
  if (resource === 'persistentvolumeclaims') {
    Object.assign(usage, claimUsage(object as DeepReadonly<PersistentVolumeClaim>));
  }
  return usage;
}

/** Whether objects of a resource can use what a quota names. */
export function concerns(name: string, group: string, resource: string): boolean {
  if (name === countName(group, resource)) return true;
  if (group !== '') return false;
  if (resource === 'pods') {
    const device = name.startsWith('requests.') && !isNativeResource(name);
    const pages = isHugePages(name) || name.startsWith('requests.hugepages-');
    return name === 'pods' || COMPUTE_NAME.test(name) || device || pages;
  }
  if (resource === 'services') return /^services(?:\.(?:nodeports|loadbalancers))?$/.test(name);
  if (resource === 'persistentvolumeclaims') {
    return /^(?:persistentvolumeclaims|requests\.storage)$/.test(name) || name.includes(CLASS_INFIX);
  }
  return OLD_NAMES.has(resource) && name === resource;
}

const CLASS_INFIX = '.storageclass.storage.k8s.io/';

/** A pod that has ended is counted as an object and uses nothing. */
function podUsage(pod: DeepReadonly<Pod>, now: number): Usage {
  const { metadata, spec } = pod;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  const over =
    deletionTimestamp !== undefined &&
    now > Date.parse(deletionTimestamp) + Number(deletionGracePeriodSeconds) * 1000;
  if (over || isPodTerminal(pod)) return {};
  const usage: Record<string, string> = { pods: '1' };
  const requests = podRequests(spec);
  const limits = podLimits(spec);
  for (const name of COMPUTE) {
    const request = requests[name];
    if (request !== undefined) {
      usage[name] = request;
      usage[`requests.${name}`] = request;
    }
    const limit = limits[name];
    if (limit !== undefined) usage[`limits.${name}`] = limit;
  }
  for (const [name, amount] of Object.entries(requests)) {
    if (isHugePages(name)) usage[name] = amount;
    if (isHugePages(name) || !isNativeResource(name)) usage[`requests.${name}`] = amount;
  }
  return usage;
}

function serviceUsage({ spec }: DeepReadonly<Service>): Usage {
  const ports = String(spec.ports?.length ?? 0);
  if (spec.type === 'NodePort') return { services: '1', 'services.nodeports': ports };
  if (spec.type !== 'LoadBalancer') return { services: '1' };
  const nodePorts = spec.allocateLoadBalancerNodePorts === false ? '0' : ports;
  return { services: '1', 'services.nodeports': nodePorts, 'services.loadbalancers': '1' };
}

function claimUsage({ spec }: DeepReadonly<PersistentVolumeClaim>): Usage {
  const usage: Record<string, string> = { persistentvolumeclaims: '1' };
  const storage = spec.resources?.requests?.['storage'];
  if (storage !== undefined) usage['requests.storage'] = storage;
  if (spec.storageClassName) {
    const prefix = spec.storageClassName + CLASS_INFIX;
    usage[`${prefix}persistentvolumeclaims`] = '1';
    if (storage !== undefined) usage[`${prefix}requests.storage`] = storage;
  }
  return usage;
}

/** The sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const before = sum[name];
    sum[name] = before === undefined ? amount : addAmounts(before, amount);
  }
  return sum;
}
