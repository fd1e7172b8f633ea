/**
 * The kinds of the core group's v1, and their place in the API server: strategy, subresources, columns, selectable fields.
 *
 * It decides what a request may write. It runs nothing: pods are bound, started and reported by others through these
 * resources.
 */
import type { HealthCheck } from '../../apiserver/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { componentStatuses } from './component-statuses.ts';
import { configMaps } from './config-maps.ts';
import { endpoints } from './endpoints.ts';
import { events } from './events.ts';
import { limitRanges } from './limit-ranges.ts';
import { namespaces } from './namespaces.ts';
import { type NodeDependencies, nodeResource } from './nodes.ts';
import { persistentVolumeClaims } from './persistent-volume-claims.ts';
import { persistentVolumes } from './persistent-volumes.ts';
import { type PodDependencies, podResource } from './pod/index.ts';
import { podTemplates } from './pod-templates.ts';
import { resourceQuotas } from './resource-quotas.ts';
import { secrets } from './secrets.ts';
import { serviceAccounts, type TokenIssuer } from './service-account/index.ts';
import { type ServiceDependencies, serviceResource } from './services.ts';

export { bindings } from './bindings.ts';
export type { PodLogSource, PodStreamSource } from './pod/index.ts';
export { isGlobalUnicast, type NodeAgentSource } from './proxy/index.ts';
export {
  generateTokenKey,
  issuerDiscovery,
  TokenIssuer,
  type TokenIssuerOptions,
  TokenKey,
  type TokenWish,
} from './service-account/index.ts';

/** What the core group needs of the rest of the machine. */
export interface CoreDependencies extends NodeDependencies, PodDependencies, ServiceDependencies {
  /** Absent: service accounts have no `token` subresource. */
  readonly tokens?: TokenIssuer;
  /** The parts of the control plane, by the names under which componentstatuses shows them. Default: none. */
  readonly components?: readonly HealthCheck[];
}

/** Every resource of this room, to be served. */
export function coreResources(dependencies: CoreDependencies): readonly ResourceDefinition[] {
  return [
    componentStatuses(dependencies.components ?? []),
    configMaps,
    endpoints,
    events,
    limitRanges,
    namespaces,
    nodeResource(dependencies),
    persistentVolumeClaims,
    persistentVolumes,
    podResource(dependencies),
    podTemplates,
    resourceQuotas,
    secrets,
    serviceAccounts(dependencies.tokens),
    serviceResource(dependencies),
  ] as ResourceDefinition[];
}
