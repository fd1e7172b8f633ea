/**
 * Defaults of pods and of the pod templates inside Jobs and CronJobs. All are idempotent and change in place, apart from
 * what is the very same as in a pod that was defaulted before.
 */
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { applyContainerDefaults } from './containers/container-defaults.ts';
import {
  applyPodLevelResourceDefaults,
  requestsFromLimits,
  roundPodLevelResources,
} from './containers/resource-defaults.ts';
import { applyVolumeDefaults } from './volumes/volume-defaults.ts';

/** Seconds that a pod is given to end by itself. */
const GRACE_SECONDS = 30;
/** Annotations of releases long gone, which the API server removes silently. */
const FORGOTTEN_ANNOTATIONS = [
  'pod.beta.kubernetes.io/init-containers',
  'pod.alpha.kubernetes.io/init-containers',
  'pod.beta.kubernetes.io/init-container-statuses',
  'pod.alpha.kubernetes.io/init-container-statuses',
];

/**
 * Fills in the defaults of a pod template. Fewer than a pod gets: requests do not follow limits and service links stay
 * unset, because those happen when a pod is made from it. What it shares with `old`, a stored one, is left alone.
 */
export function applyPodTemplateDefaults(
  template: PodTemplateSpec,
  old?: DeepReadonly<PodTemplateSpec>,
): void {
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  if (template.metadata !== old?.metadata) forgetAnnotations(template.metadata);
  if (template.spec !== old?.spec) applyPodSpecDefaults(template.spec, old?.spec);
}

/** Fills in the defaults of a pod. What it shares with `old`, the stored pod, has them and is left alone. */
export function applyPodDefaults(pod: Pod, old?: DeepReadonly<Pod>): void {
  pod.spec ??= { containers: [] };
  pod.status ??= {};
  if (pod.metadata.annotations !== old?.metadata.annotations) forgetAnnotations(pod.metadata);
  if (pod.spec !== old?.spec) applySpecDefaults(pod.spec, old?.spec);
  if (pod.status !== old?.status) alignPodAddresses(pod);
}

function applySpecDefaults(spec: PodSpec, old: DeepReadonly<PodSpec> | undefined): void {
  for (const container of unshared(spec.containers, old?.containers)) requestsFromLimits(container);
  for (const container of unshared(spec.initContainers, old?.initContainers)) requestsFromLimits(container);
  if (spec.resources) applyPodLevelResourceDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    if (old?.hostNetwork !== true) unshareContainers(spec, old);
    hostPortsFromContainerPorts(unshared(spec.containers, old?.containers));
    hostPortsFromContainerPorts(unshared(spec.initContainers, old?.initContainers));
  }
  applyPodSpecDefaults(spec, old);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
}

/** The items of a list of the pod's own; none of a list that it has in common with the stored pod. */
function unshared<T>(list: readonly T[] | undefined, before: unknown): readonly T[] {
  // A list that Go always writes is null where it is missing.
  return list == null || list === before ? NONE : list;
}

const NONE: readonly never[] = [];

function applyPodSpecDefaults(spec: PodSpec, old?: DeepReadonly<PodSpec>): void {
  roundPodLevelResources(spec, old);
  const containers = unshared(spec.containers, old?.containers);
  const initContainers = unshared(spec.initContainers, old?.initContainers);
  const ephemeralContainers = unshared(spec.ephemeralContainers, old?.ephemeralContainers);
  const volumes = unshared(spec.volumes, old?.volumes);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= GRACE_SECONDS;
  spec.schedulerName ||= 'default-scheduler';
  spec.serviceAccountName ||= spec.serviceAccount ?? '';
  if (spec.serviceAccountName === '') {
    delete spec.serviceAccountName;
    delete spec.serviceAccount;
  } else {
    spec.serviceAccount = spec.serviceAccountName;
  }
  for (const volume of volumes) applyVolumeDefaults(volume);
  for (const container of containers) applyContainerDefaults(container);
  for (const container of initContainers) applyContainerDefaults(container);
  for (const container of ephemeralContainers) applyContainerDefaults(container);
}

/** Gives the pod ports of its own where it has them in common with the stored one, which has other defaults for them. */
function unshareContainers(spec: PodSpec, old: DeepReadonly<PodSpec> | undefined): void {
  const own = ({ ports, ...rest }: Container): Container =>
    ports == null ? rest : { ...rest, ports: ports.map((port) => ({ ...port })) };
  if (spec.containers != null && spec.containers === old?.containers) {
    spec.containers = spec.containers.map(own);
  }
  if (spec.initContainers != null && spec.initContainers === old?.initContainers) {
    spec.initContainers = spec.initContainers.map(own);
  }
}

function hostPortsFromContainerPorts(containers: readonly Container[] | undefined): void {
  for (const container of containers ?? []) {
    for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
}

function forgetAnnotations(metadata: { annotations?: Record<string, string> } | undefined): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  for (const name of FORGOTTEN_ANNOTATIONS) if (name in annotations) delete annotations[name];
}

/** `podIP` and `podIPs[0]` are one and the same; where they differ the singular one counts. */
function alignPodAddresses(pod: Pod): void {
  const { status } = pod;
  if (status.podIP && status.podIP !== status.podIPs?.[0]?.ip) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && status.podIPs?.[0]) status.podIP = status.podIPs[0].ip;
}
