/** Defaults of pods and of the pod templates inside Jobs and CronJobs. All are idempotent and change in place. */
import type { Container, Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { applyContainerDefaults } from './container-defaults.ts';
import { dropGatedFields } from './gated-fields.ts';
import { applyPodLevelResourceDefaults, requestsFromLimits } from './resource-defaults.ts';
import { applyVolumeDefaults } from './volume-defaults.ts';

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
 * unset, because those happen when a pod is made from it.
 */
export function applyPodTemplateDefaults(template: PodTemplateSpec): void {
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  forgetAnnotations(template.metadata);
  applyPodSpecDefaults(template.spec);
}

/** Fills in the defaults of a pod. */
export function applyPodDefaults(pod: Pod): void {
  pod.spec ??= { containers: [] };
  pod.status ??= {};
  const { spec } = pod;
  forgetAnnotations(pod.metadata);
  for (const container of spec.containers ?? []) requestsFromLimits(container);
  for (const container of spec.initContainers ?? []) requestsFromLimits(container);
  if (spec.resources) applyPodLevelResourceDefaults(spec);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork) {
    hostPortsFromContainerPorts(spec.containers);
    hostPortsFromContainerPorts(spec.initContainers);
  }
  applyPodSpecDefaults(spec);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  alignPodAddresses(pod);
}

function applyPodSpecDefaults(spec: PodSpec): void {
  dropGatedFields(spec);
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
  for (const volume of spec.volumes ?? []) applyVolumeDefaults(volume);
  for (const container of spec.containers ?? []) applyContainerDefaults(container);
  for (const container of spec.initContainers ?? []) applyContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) applyContainerDefaults(container);
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
