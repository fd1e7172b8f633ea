/**
 * Every kind's place in the API server: what may be written, what is filled in, which part of an object an endpoint may
 * change, how `kubectl get` shows it; and the rules beyond one kind (`admission`), the authorizer, and what exists from the
 * first start.
 *
 * A folder for each API group has its kinds, a file each; `admission/`, `node-access/` and `rbac/` (the authorizer), `table/`
 * (columns) and `initial-objects.ts` are about all of them.
 *
 * This is the one room that knows every kind. It runs no control loop: it answers requests.
 */
import type {
  AdmissionPlugin,
  Authorizer,
  ResourceDefinition,
  TokenAuthenticator,
  VirtualResource,
} from '../apiserver/index.ts';
import { type AdmissionDependencies, defaultAdmission } from './admission/index.ts';
import { customResourceDefinitions } from './apiextensions/index.ts';
import { selfSubjectReviews, tokenReviews } from './authentication/index.ts';
import { accessReviews, selfSubjectRulesReviews } from './authorization/index.ts';
import { cronJobs, jobs } from './batch/index.ts';
import { signingRequests } from './certificates/index.ts';
import { leases } from './coordination/index.ts';
import { bindings, type CoreDependencies, coreResources } from './core/index.ts';
import { endpointSlices } from './discovery/index.ts';
import { newEvents } from './events/index.ts';
import { type ConsumptionSource, metricsResources } from './metrics/index.ts';
import { runtimeClasses } from './node/index.ts';
import { disruptionBudgets, eviction } from './policy/index.ts';
import {
  clusterRoleBindings,
  clusterRoles,
  escalationCheck,
  type RbacAuthorizer,
  roleBindings,
  roles,
} from './rbac/index.ts';
import { priorityClasses } from './scheduling/index.ts';
import { storageClasses } from './storage/index.ts';

export { bootstrapTokens } from './authentication/index.ts';
export { batchMetrics } from './batch/state-metrics.ts';
export {
  generateTokenKey,
  isGlobalUnicast,
  issuerDiscovery,
  type NodeAgentSource,
  type PodLogSource,
  type PodStreamSource,
  TokenIssuer,
  TokenKey,
} from './core/index.ts';
export { FORMER_TYPES } from './former-types.ts';
export { GROUP_ORDER } from './group-order.ts';
export { ensureInitialObjects } from './initial-objects.ts';
export type { ConsumptionSource } from './metrics/index.ts';
export { NodeAuthorizer } from './node-access/index.ts';
export { RbacAuthorizer } from './rbac/index.ts';

/** What the kinds need of the rest of the machine. */
export interface RegistryDependencies extends CoreDependencies, AdmissionDependencies {
  /** Absent: metrics.k8s.io is not served. */
  readonly consumption?: ConsumptionSource;
  /** Decides who may do what; absent: access reviews are not served. */
  readonly authorizer?: RbacAuthorizer;
  /** Decides about requests, where that is more than roles and bindings; absent: `authorizer`. */
  readonly requestAuthorizer?: Authorizer;
  /** Asked in this order by token reviews; absent: token reviews are not served. */
  readonly tokenAuthenticators?: readonly TokenAuthenticator[];
}

/** Every stored resource, to be served. */
export function allResources(dependencies: RegistryDependencies): readonly ResourceDefinition[] {
  const podSubresources = { eviction, ...dependencies.podSubresources };
  return [
    ...coreResources({ ...dependencies, podSubresources }),
    ...([
      jobs,
      cronJobs,
      leases,
      signingRequests,
      newEvents,
      priorityClasses,
      runtimeClasses,
      storageClasses,
      endpointSlices,
      disruptionBudgets,
      roles,
      roleBindings,
      clusterRoles,
      clusterRoleBindings,
      customResourceDefinitions,
    ] as ResourceDefinition[]),
  ];
}

/** Every resource that is answered without being stored. */
export function allVirtualResources(dependencies: RegistryDependencies): readonly VirtualResource[] {
  const {
    authorizer,
    requestAuthorizer = authorizer,
    tokenAuthenticators,
    tokens,
    consumption,
  } = dependencies;
  return [
    bindings,
    selfSubjectReviews,
    ...(consumption === undefined ? [] : metricsResources(consumption)),
    ...(tokenAuthenticators === undefined ? [] : [tokenReviews(tokenAuthenticators, tokens?.audience ?? '')]),
    ...(authorizer === undefined || requestAuthorizer === undefined
      ? []
      : [...accessReviews({ authorizer: requestAuthorizer }), selfSubjectRulesReviews(authorizer)]),
  ];
}

/** The rules beyond one kind, in the order in which they run. */
export function admission(dependencies: RegistryDependencies): readonly AdmissionPlugin[] {
  const { authorizer } = dependencies;
  const plugins = defaultAdmission(dependencies);
  return authorizer === undefined ? plugins : [...plugins, escalationCheck(authorizer)];
}
