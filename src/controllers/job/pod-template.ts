/** Makes a Job's pods from its template. Pure but for the name's random suffix. */
import { newControllerRef } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import type { ObjectMeta, OwnerReference } from '../../apimachinery/meta/types.ts';
import { type Random, randomSuffix } from '../../apimachinery/random.ts';
import {
  COMPLETION_INDEX,
  INDEX_FAILURE_COUNT_ANNOTATION,
  INDEX_IGNORED_FAILURE_COUNT_ANNOTATION,
  isIndexedJob,
  type Job,
  TRACKING_FINALIZER,
} from '../../apis/batch/index.ts';
import type { Container, Pod, PodSpec } from '../../apis/core/types.ts';
import { failureCountsAfter } from './indexed.ts';
import { NO_INDEX, type PodView } from './pod-view.ts';

/** Environment variable with the completion index. */
const COMPLETION_INDEX_ENV = 'JOB_COMPLETION_INDEX';
/** Longest name that a name with a random suffix may begin with: 63 characters less the suffix of 5. */
const NAME_BASE_MAX = 58;
/** Longest name of a pod (RFC 1123 subdomain). */
const NAME_MAX = 253;

/** Makes the pods of one generation of a Job; what they share is made once. */
export class PodMaker {
  readonly #job: DeepReadonly<Job>;
  readonly #random: Random;
  readonly #metadata: DeepReadonly<Partial<ObjectMeta>>;
  readonly #spec: DeepReadonly<PodSpec>;

  constructor(job: DeepReadonly<Job>, random: Random) {
    this.#job = job;
    this.#random = random;
    const { metadata = {}, spec } = job.spec.template;
    const finalizers = metadata.finalizers ?? [];
    this.#metadata = {
      labels: { ...metadata.labels },
      annotations: { ...metadata.annotations },
      finalizers: finalizers.includes(TRACKING_FINALIZER) ? finalizers : [...finalizers, TRACKING_FINALIZER],
      ownerReferences: [ownerReferenceTo(job)],
    };
    this.#spec = isIndexedJob(job)
      ? withIndexVariable(spec ?? { containers: [] })
      : (spec ?? { containers: [] });
  }

  /**
   * A pod of that index ({@link NO_INDEX} when the Job is not indexed). It has its name from the start, so that a create
   * whose answer got lost can be looked for; it keeps the `generateName` that Kubernetes' controller gives it.
   *
   * @param replaced the failed pod of the same index whose failures are carried on (backoff limit per index alone)
   */
  make(index: number, replaced?: PodView): DeepReadonly<Draft<Pod>> {
    const { name: jobName, namespace = '' } = this.#job.metadata;
    const generateName = index === NO_INDEX ? prefixOf(jobName) : indexedPrefixOf(jobName, index);
    const name = generateName.slice(0, NAME_BASE_MAX) + randomSuffix(this.#random);
    const metadata = { ...this.#metadata, name, generateName, namespace };
    if (index === NO_INDEX) {
      const { annotations, ...rest } = metadata;
      return { metadata: Object.keys(annotations ?? {}).length === 0 ? rest : metadata, spec: this.#spec };
    }
    return {
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, [COMPLETION_INDEX]: String(index) },
        annotations: {
          ...metadata.annotations,
          [COMPLETION_INDEX]: String(index),
          ...this.#counts(replaced),
        },
      },
      spec: { ...this.#spec, hostname: `${jobName}-${index}` },
    };
  }

  #counts(replaced: PodView | undefined): Record<string, string> {
    if (this.#job.spec.backoffLimitPerIndex === undefined) return {};
    const { counted, ignored } = failureCountsAfter(this.#job, replaced);
    return {
      [INDEX_FAILURE_COUNT_ANNOTATION]: String(counted),
      ...(ignored > 0 ? { [INDEX_IGNORED_FAILURE_COUNT_ANNOTATION]: String(ignored) } : {}),
    };
  }
}

/** The reference by which a Job controls a pod. */
export function ownerReferenceTo(job: DeepReadonly<Job>): OwnerReference {
  return newControllerRef(job, { apiVersion: 'batch/v1', kind: 'Job' });
}

function prefixOf(jobName: string): string {
  return jobName.length < NAME_MAX ? `${jobName}-` : jobName;
}

/** The job's name is cut rather than the index, so that the index can always be read from the pod's name. */
function indexedPrefixOf(jobName: string, index: number): string {
  const ending = `-${index}-`;
  const prefix = jobName + ending;
  return prefix.length <= NAME_BASE_MAX ? prefix : prefix.slice(0, NAME_BASE_MAX - ending.length) + ending;
}

/** Gives each container the completion index as an environment variable, unless it sets that variable itself. */
function withIndexVariable(spec: DeepReadonly<PodSpec>): DeepReadonly<PodSpec> {
  const withVariable = (container: DeepReadonly<Container>): DeepReadonly<Container> => {
    const env = container.env ?? [];
    if (env.some((each) => each.name === COMPLETION_INDEX_ENV)) return container;
    const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
    const variable = { name: COMPLETION_INDEX_ENV, valueFrom: { fieldRef: { fieldPath } } };
    return { ...container, env: [...env, variable] };
  };
  const { initContainers, containers } = spec;
  return {
    ...spec,
    containers: containers.map(withVariable),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withVariable) }),
  };
}
