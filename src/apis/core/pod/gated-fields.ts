import type { Container, EphemeralContainer, Volume } from '../types.ts';

/**
 * Drops the fields that belong to features which are off by default in Kubernetes 1.36; its API server drops them too,
 * without a word: ContainerStopSignals, ClusterTrustBundleProjection, PodCertificateRequest, GenericWorkload.
 */
export function dropGatedFields(
  containers: readonly (Container | EphemeralContainer)[],
  volumes: readonly Volume[],
): void {
  for (const container of containers) dropStopSignal(container);
  for (const volume of volumes) {
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
