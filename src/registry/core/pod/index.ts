import type { Pod } from '../../../apis/core/types.ts';
import type { CustomSubresource, ResourceDefinition } from '../../../apiserver/resource.ts';
import { podBinding } from './binding.ts';
import { POD_COLUMNS } from './columns.ts';
import { type PodLogSource, podLog } from './log.ts';
import { podEphemeralContainers, podResize, podStatus } from './parts.ts';
import { podStrategy } from './strategy.ts';

export { podBinding } from './binding.ts';
export type { PodLogParameters, PodLogSource } from './log.ts';

/** What pods need of the rest of the machine. */
export interface PodDependencies {
  readonly logs: PodLogSource;
  /** Subresources that other rooms make: `eviction`, `exec`, `attach`, `portforward`. */
  readonly podSubresources?: Readonly<Record<string, CustomSubresource>>;
}

/** pods */
export function podResource({ logs, podSubresources }: PodDependencies): ResourceDefinition<Pod> {
  return {
    group: '',
    version: 'v1',
    resource: 'pods',
    singular: 'pod',
    kind: 'Pod',
    namespaced: true,
    shortNames: ['po'],
    categories: ['all'],
    schema: 'io.k8s.api.core.v1.Pod',
    strategy: podStrategy,
    subresources: {
      binding: podBinding,
      ephemeralcontainers: podEphemeralContainers,
      log: podLog(logs),
      resize: podResize,
      status: podStatus,
      ...podSubresources,
    },
    columns: POD_COLUMNS,
    selectableFields: {
      'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
      'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
      'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
      'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
      'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
      'status.phase': ({ status }) => status.phase ?? '',
      'status.podIP': ({ status }) => status.podIPs?.[0]?.ip ?? '',
      'status.podIPs': ({ status }) => status.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
    },
  };
}
