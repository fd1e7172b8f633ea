/** What may change in the spec of a Job that exists. */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownSelector } from '../../apimachinery/selectors/index.ts';
import { goPodSpec, goPodTemplate, sameMeaning } from '../core/index.ts';
import type { Container, PodSpec, PodTemplateSpec } from '../core/types.ts';
import { isJobSuspended } from './conditions.ts';
import { shownPodFailurePolicy } from './pod-failure-policy.ts';
import { shownSuccessPolicy } from './success-policy.ts';
import type { Job } from './types.ts';

type AnyJob = DeepReadonly<Job>;
type Template = DeepReadonly<PodTemplateSpec>;
type Spec = DeepReadonly<PodSpec>;

/** Answers what changed that may not. */
export function validateSpecChange(job: AnyJob, old: AnyJob): FieldError[] {
  const { spec } = job;
  const before = old.spec;
  return [
    ...validateCompletionsChange(job, old),
    ...immutable(
      'spec.selector',
      spec.selector,
      before.selector,
      () => spec.selector && shownSelector(spec.selector),
    ),
    ...validateTemplateChange(job, old),
    ...immutable(
      'spec.completionMode',
      spec.completionMode,
      before.completionMode,
      () => spec.completionMode,
    ),
    ...immutable('spec.podFailurePolicy', spec.podFailurePolicy, before.podFailurePolicy, () =>
      shownPodFailurePolicy(spec.podFailurePolicy),
    ),
    ...immutable(
      'spec.backoffLimitPerIndex',
      spec.backoffLimitPerIndex,
      before.backoffLimitPerIndex,
      () => spec.backoffLimitPerIndex,
    ),
    ...immutable('spec.managedBy', spec.managedBy, before.managedBy, () => spec.managedBy),
    ...immutable('spec.successPolicy', spec.successPolicy, before.successPolicy, () =>
      shownSuccessPolicy(spec.successPolicy),
    ),
  ];
}

function immutable(path: string, now: unknown, before: unknown, shown: () => unknown): FieldError[] {
  return sameMeaning(now, before) ? [] : [invalid(path, shown(), 'field is immutable')];
}

/** Completions are fixed, but for an Indexed Job that keeps them equal to its parallelism (elastic Indexed Jobs). */
function validateCompletionsChange({ spec }: AnyJob, old: AnyJob): FieldError[] {
  const { completions } = spec;
  if (spec.completionMode !== 'Indexed') {
    return immutable('spec.completions', completions, old.spec.completions, () => completions);
  }
  if (completions === undefined || completions === old.spec.completions || completions === spec.parallelism)
    return [];
  const why = 'can only be modified in tandem with spec.parallelism';
  return [invalid('spec.completions', completions, why)];
}

/**
 * A running Job's template is fixed. While a Job is suspended and none of its pods is active, its scheduling directives
 * and the resources of its containers may change, for a queueing controller decides on both just before it resumes it.
 */
function validateTemplateChange(job: AnyJob, old: AnyJob): FieldError[] {
  const { template } = job.spec;
  const before = old.spec.template;
  if (!isTemplateOpen(old))
    return immutable('spec.template', template, before, () => goPodTemplate(withSortedMaps(template)));
  const expected = withResources(withDirectives(before, template).spec, template.spec);
  const spec = template.spec ?? { containers: [] };
  return immutable('spec.template.spec', spec, expected, () => goPodSpec(spec));
}

/** The template with its labels and annotations in the order in which the server's messages show them. */
function withSortedMaps(template: Template): Template {
  const { labels, annotations } = template.metadata ?? {};
  return {
    ...template,
    metadata: {
      ...template.metadata,
      ...(labels === undefined ? {} : { labels: inOrder(labels) }),
      ...(annotations === undefined ? {} : { annotations: inOrder(annotations) }),
    },
  };
}

function inOrder(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function isTemplateOpen({ spec, status }: AnyJob): boolean {
  const held = status.startTime === undefined || isJobSuspended({ status });
  return spec.suspend === true && held && (status.active ?? 0) === 0;
}

/** The old template with the new one's node selection, tolerations, scheduling gates, labels and annotations. */
function withDirectives(old: Template, now: Template): Template {
  const { affinity: _, ...rest } = old.spec ?? { containers: [] };
  const affinity = withNodeAffinity(old.spec?.affinity, now.spec?.affinity);
  const spec: Spec = {
    ...rest,
    ...(affinity === undefined ? {} : { affinity }),
    ...replaced('nodeSelector', now.spec),
    ...replaced('tolerations', now.spec),
    ...replaced('schedulingGates', now.spec),
  };
  return { ...old, spec };
}

function replaced(
  name: 'nodeSelector' | 'tolerations' | 'schedulingGates',
  now: Spec | undefined,
): Partial<Spec> {
  return { [name]: now?.[name] };
}

function withNodeAffinity(old: Spec['affinity'], now: Spec['affinity']): Spec['affinity'] {
  const { nodeAffinity: _, ...rest } = old ?? {};
  if (now === undefined) return Object.keys(rest).length === 0 ? undefined : rest;
  return now.nodeAffinity === undefined ? rest : { ...rest, nodeAffinity: now.nodeAffinity };
}

/** The old spec with the new one's container resources, where the containers are the same ones. */
function withResources(old: Spec | undefined, now: Spec | undefined): Spec {
  const before: Spec = old ?? { containers: [] };
  return {
    ...before,
    containers: exchangeResources(before.containers, now?.containers),
    ...(before.initContainers === undefined
      ? {}
      : { initContainers: exchangeResources(before.initContainers, now?.initContainers) }),
  };
}

type Containers = readonly DeepReadonly<Container>[];

function exchangeResources(old: Containers, now: Containers | undefined): Containers {
  if (old.length !== now?.length) return old;
  return old.map((container, at) => {
    const other = now[at];
    if (other?.name !== container.name) return container;
    const { resources: _, ...rest } = container;
    return other.resources === undefined ? rest : { ...rest, resources: other.resources };
  });
}
