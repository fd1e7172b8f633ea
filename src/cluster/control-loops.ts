/** The controllers and the scheduler that run beside the API server. */
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
import { newClusterRoleAggregationController } from '../controllers/clusterrole-aggregation/index.ts';
import { newCronJobController } from '../controllers/cronjob/index.ts';
import { newGarbageCollector } from '../controllers/garbage-collector/index.ts';
import { newJobController } from '../controllers/job/index.ts';
import { newNamespaceController } from '../controllers/namespace/index.ts';
import { newPodGarbageCollector } from '../controllers/pod-gc/index.ts';
import { newServiceAccountController } from '../controllers/service-account/index.ts';
import { newTtlAfterFinishedController } from '../controllers/ttl-after-finished/index.ts';
import { newScheduler } from '../scheduler/index.ts';

/** Kinds whose objects own or are owned in a batch cluster. */
const OWNING_AND_OWNED = [PODS, JOBS, CRONJOBS, CONFIGMAPS, SECRETS, SERVICES, PERSISTENTVOLUMECLAIMS];

/** Kinds whose objects go when their namespace goes. */
const NAMESPACED = [
  ...OWNING_AND_OWNED,
  ENDPOINTS,
  ENDPOINTSLICES,
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

/** Everything that watches the API and acts through it, ready to start. `certificateAuthority` is PEM. */
export function newControlLoops(
  context: ComponentContext,
  certificateAuthority: string,
): readonly Component[] {
  return [
    newServiceAccountController(context, certificateAuthority),
    newNamespaceController(context, NAMESPACED),
    newClusterRoleAggregationController(context),
    newGarbageCollector(context, OWNING_AND_OWNED),
    newTtlAfterFinishedController(context),
    newPodGarbageCollector(context),
    newJobController(context),
    newCronJobController(context),
    newScheduler(context),
  ];
}
