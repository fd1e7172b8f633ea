/** Jobs and pods as a server would hold them, for tests of what happens between the two. */
import { rfc3339 } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly } from '../../src/apimachinery/meta/object.ts';
import {
  COMPLETION_INDEX,
  INDEX_FAILURE_COUNT_ANNOTATION,
  type Job,
  type JobSpec,
  type JobStatus,
  TRACKING_FINALIZER,
} from '../../src/apis/batch/index.ts';
import type { ContainerStatus, Pod, PodCondition } from '../../src/apis/core/types.ts';

/** The moment at which the fixtures live: 2026-01-01T00:00:00Z. */
export const T0 = Date.UTC(2026, 0, 1);

/** A Job named j, uid job-1, with Kubernetes' defaults unless the spec says otherwise. */
export function jobOf(spec: Partial<JobSpec> = {}, status: JobStatus = {}): DeepReadonly<Job> {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: 'j',
      namespace: 'ns',
      uid: 'job-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: rfc3339(T0),
    },
    spec: {
      parallelism: 1,
      ...(spec.parallelism === undefined && spec.completions === undefined ? { completions: 1 } : {}),
      ...(spec.backoffLimitPerIndex === undefined ? { backoffLimit: 6 } : { backoffLimit: 2 ** 31 - 1 }),
      suspend: false,
      completionMode: 'NonIndexed',
      podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'job-1' } },
      template: {
        metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'job-1' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] },
      },
      ...spec,
    },
    status,
  };
}

/** What a pod of {@link podOf} is to be. */
export interface PodTraits {
  readonly name?: string;
  readonly index?: number;
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly exitCode?: number;
  readonly ready?: boolean;
  readonly tracked?: boolean;
  readonly deleting?: boolean;
  readonly node?: string;
  readonly restarts?: number;
  readonly conditions?: readonly PodCondition[];
  /** Value of the index failure count annotation. */
  readonly failures?: number;
  /** Seconds after {@link T0} at which it was created. */
  readonly createdAt?: number;
  /** Seconds after {@link T0} at which it ended. */
  readonly endedAt?: number;
  readonly labels?: Record<string, string>;
  readonly version?: number;
}

/** A pod of {@link jobOf}'s Job; its uid is `uid-` and its name. */
export function podOf(traits: PodTraits = {}): DeepReadonly<Pod> {
  const { name = 'j-a', index, phase = 'Pending', ready = false, tracked = true, deleting = false } = traits;
  const { createdAt = 0, endedAt = 0, restarts = 0, failures } = traits;
  const ended = phase === 'Succeeded' || phase === 'Failed';
  const exitCode = traits.exitCode ?? (phase === 'Failed' ? 1 : 0);
  const container: ContainerStatus = {
    name: 'c',
    image: 'busybox',
    imageID: '',
    ready,
    restartCount: restarts,
    state: ended ? { terminated: { exitCode, finishedAt: rfc3339(T0 + endedAt * 1000) } } : {},
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'ns',
      uid: `uid-${name}`,
      resourceVersion: String(traits.version ?? 1),
      creationTimestamp: rfc3339(T0 + createdAt * 1000),
      labels: traits.labels ?? { 'batch.kubernetes.io/controller-uid': 'job-1' },
      annotations: {
        ...(index === undefined ? {} : { [COMPLETION_INDEX]: String(index) }),
        ...(failures === undefined ? {} : { [INDEX_FAILURE_COUNT_ANNOTATION]: String(failures) }),
      },
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          name: 'j',
          uid: 'job-1',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      ...(tracked ? { finalizers: [TRACKING_FINALIZER] } : {}),
      ...(deleting ? { deletionTimestamp: rfc3339(T0 + 1000), deletionGracePeriodSeconds: 0 } : {}),
    },
    spec: {
      containers: [{ name: 'c', image: 'busybox' }],
      ...(traits.node === undefined ? {} : { nodeName: traits.node }),
    },
    status: {
      phase,
      containerStatuses: [container],
      conditions: [
        ...(traits.conditions ?? []),
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: rfc3339(T0 + endedAt * 1000) },
      ],
    },
  };
}
