import type { Pod } from '../../../apis/core/types.ts';
import type { CustomSubresource, ResourceDefinition } from '../../../apiserver/resource.ts';
import { podProxy } from '../proxy/index.ts';
import { podBinding } from './binding.ts';
import { POD_COLUMNS, podRowConditions } from './columns.ts';
import { type PodLogSource, podLog } from './log.ts';
import { podEphemeralContainers, podResize, podStatus } from './parts.ts';
import { podStrategy } from './strategy.ts';
import { type PodStreamSource, podStreams } from './streams.ts';

export { podBinding } from './binding.ts';
export type { PodLogSource } from './log.ts';
export type { PodStreamSource } from './streams.ts';

/** What pods need of the rest of the machine. */
export interface PodDependencies {
  readonly logs: PodLogSource;
  /** Absent: pods have no `exec`, `attach`, `portforward` and `proxy`. */
  readonly streams?: PodStreamSource;
  /** Subresources that other rooms make: `eviction`. */
  readonly podSubresources?: Readonly<Record<string, CustomSubresource>>;
}

/** `pods` of v1, with all its subresources. */
export function podResource({ logs, streams, podSubresources }: PodDependencies): ResourceDefinition<Pod> {
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
      ...(streams === undefined ? {} : { ...podStreams(streams), proxy: podProxy(streams) }),
      ...podSubresources,
    },
    columns: POD_COLUMNS,
    rowConditions: podRowConditions,
    selectableFields: {
      'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
      // Its name of old.
      'spec.host': ({ spec }) => spec.nodeName ?? '',
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
