/** The controllers that run beside the API server. */
import {
  CONFIGMAPS,
  type Component,
  type ComponentContext,
  CRONJOBS,
  ENDPOINTS,
  ENDPOINTSLICES,
  EVENTS,
  JOBS,
  LEASES,
  LIMITRANGES,
  PERSISTENTVOLUMECLAIMS,
  PODDISRUPTIONBUDGETS,
  PODS,
  PODTEMPLATES,
  RESOURCEQUOTAS,
  ROLEBINDINGS,
  ROLES,
  SECRETS,
  SERVICEACCOUNTS,
  SERVICES,
} from '../client/index.ts';
import {
  newCertificateApprover,
  newCertificateCleaner,
  newCertificateSigner,
  type SignCertificate,
} from '../controllers/certificates/index.ts';
import { newClusterRoleAggregationController } from '../controllers/clusterrole-aggregation/index.ts';
import { newCronJobController } from '../controllers/cronjob/index.ts';
import { newDisruptionController } from '../controllers/disruption/index.ts';
import { newEndpointSliceController } from '../controllers/endpoint-slice/index.ts';
import { newEndpointSliceMirroringController } from '../controllers/endpoint-slice-mirroring/index.ts';
import { newEndpointsController } from '../controllers/endpoints/index.ts';
import { newEphemeralVolumeController } from '../controllers/ephemeral-volume/index.ts';
import { newGarbageCollector } from '../controllers/garbage-collector/index.ts';
import { newJobController } from '../controllers/job/index.ts';
import { newKubernetesServiceController } from '../controllers/kubernetes-service/index.ts';
import { newNamespaceController } from '../controllers/namespace/index.ts';
import { newNodeLifecycleController } from '../controllers/node-lifecycle/index.ts';
import { newPersistentVolumeController } from '../controllers/persistent-volume/index.ts';
import { newPodGarbageCollector } from '../controllers/pod-gc/index.ts';
import { newResourceQuotaController } from '../controllers/resource-quota/index.ts';
import {
  newSecretTokenController,
  newServiceAccountController,
  type SignSecretToken,
} from '../controllers/service-account/index.ts';
import { newTaintEvictionController } from '../controllers/taint-eviction/index.ts';
import { newTokenCleaner } from '../controllers/token-cleaner/index.ts';
import { newTtlController } from '../controllers/ttl/index.ts';
import { newTtlAfterFinishedController } from '../controllers/ttl-after-finished/index.ts';
import { newVolumeProtectionControllers } from '../controllers/volume-protection/index.ts';
import { removeDirectory } from './nodes/volume-directories.ts';

/** Kinds whose objects own or are owned in a batch cluster. */
const OWNING_AND_OWNED = [
  PODS,
  JOBS,
  CRONJOBS,
  CONFIGMAPS,
  SECRETS,
  SERVICES,
  PERSISTENTVOLUMECLAIMS,
  ENDPOINTS,
  ENDPOINTSLICES,
];

/** Kinds whose objects go when their namespace goes. */
const NAMESPACED = [
  ...OWNING_AND_OWNED,
  EVENTS,
  LEASES,
  LIMITRANGES,
  PODDISRUPTIONBUDGETS,
  PODTEMPLATES,
  RESOURCEQUOTAS,
  ROLEBINDINGS,
  ROLES,
  SERVICEACCOUNTS,
];

/** How long nodes and the pods on them are waited for. */
export interface NodePatience {
  /** Milliseconds of silence after which a node is unreachable. */
  readonly graceMs: number;
  /** Milliseconds that a Job's pod stays on a node that does not answer. */
  readonly podEvictionMs: number;
}

/** What the loops need of the server's certificates. */
export interface Authority {
  /** PEM of the authority that vouches for the server. */
  readonly authority: string;
  /** What the server is called: no node may have a certificate with such a name. */
  readonly names: readonly string[];
  readonly sign: SignCertificate;
  /** Longest life in milliseconds of what it signs for others. Default a year. */
  readonly signingMs?: number | undefined;
}

/** What the loops need of the server besides. */
export interface ServerFacts {
  /** Where pods reach it. */
  readonly address: { readonly host: string; readonly port: number };
  readonly signSecretToken: SignSecretToken;
}

/** Every controller, ready to start. */
export function newControlLoops(
  context: ComponentContext,
  certificates: Authority,
  { graceMs, podEvictionMs }: NodePatience,
  { address, signSecretToken }: ServerFacts,
): readonly Component[] {
  return [
    newServiceAccountController(context, certificates.authority),
    newSecretTokenController(context, certificates.authority, signSecretToken),
    newNamespaceController(context, NAMESPACED),
    newClusterRoleAggregationController(context),
    newGarbageCollector(context, OWNING_AND_OWNED),
    newTtlAfterFinishedController(context),
    newPodGarbageCollector(context),
    newNodeLifecycleController(context, { graceMs }),
    newTaintEvictionController(context, { jobPodSeconds: podEvictionMs / 1000 }),
    newCertificateApprover(context, certificates.names),
    newCertificateSigner(context, certificates.sign, certificates.signingMs),
    newCertificateCleaner(context),
    newTokenCleaner(context),
    newTtlController(context),
    newJobController(context),
    newCronJobController(context),
    newEndpointsController(context),
    newEndpointSliceController(context),
    newEndpointSliceMirroringController(context),
    newKubernetesServiceController(context, address),
    newDisruptionController(context),
    newResourceQuotaController(context, NAMESPACED),
    newPersistentVolumeController(context, removeDirectory),
    newEphemeralVolumeController(context),
    ...newVolumeProtectionControllers(context),
  ];
}
