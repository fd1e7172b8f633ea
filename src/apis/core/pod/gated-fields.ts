import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Container, EphemeralContainer, PodSpec } from '../types.ts';

/**
 * Drops the fields that belong to features which are off by default in Kubernetes 1.36; its API server drops them too,
 * without a word, once it has noted who set them: ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest,
 * GenericWorkload. Nothing that is stored has any, so that lists shared with `old` are not looked at.
 */
export function dropGatedFields(spec: PodSpec | undefined, old?: DeepReadonly<PodSpec>): void {
  if (spec === undefined || spec === old) return;
  if (spec.schedulingGroup) delete spec.schedulingGroup;
  for (const list of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    if (spec[list] !== old?.[list]) for (const container of spec[list] ?? []) dropStopSignal(container);
  }
  if (spec.volumes === old?.volumes) return;
  for (const volume of spec.volumes ?? []) {
    for (const source of volume.projected?.sources ?? []) {
      if (source.clusterTrustBundle) delete source.clusterTrustBundle;
      if (source.podCertificate) delete source.podCertificate;
    }
  }
}

function dropStopSignal(container: Container | EphemeralContainer): void {
  const { lifecycle } = container;
  if (!lifecycle?.stopSignal) return;
  if (lifecycle.postStart || lifecycle.preStop) delete lifecycle.stopSignal;
  else delete container.lifecycle;
}
