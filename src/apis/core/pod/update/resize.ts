/** Rules for changing the resources of a running pod (KEP-1287). */
import { type FieldError, forbidden, invalid } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { sameMeaning } from '../../semantic-equality.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../types.ts';
import { MIRROR_POD } from '../annotations.ts';
import { qosClassOf } from '../qos.ts';
import { podValidationOptions } from '../stored-validation-options.ts';
import { validatePod } from '../validation.ts';

type Requirements = DeepReadonly<ResourceRequirements>;
type Amounts = Readonly<Record<string, string>>;

/** Checks an update that may change nothing but resources and resize policies. */
export function validatePodResize(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) {
    return [forbidden('', 'static pods cannot be resized')];
  }
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')];
  const errors: FieldError[] = [];
  validatePod(errors, pod, podValidationOptions(old));
  if ((old.status.qosClass ?? qosClassOf(old.spec)) !== qosClassOf(pod.spec)) {
    const rule = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalid('spec', pod.status.qosClass ?? '', rule));
  }
  const running = old.status.containerStatuses?.find((each) => each.state?.running);
  if (running && !running.resources) {
    errors.push(forbidden('spec', 'Pod running on node without support for resize'));
  }
  validatePodLevel(errors, pod.spec.resources, old.spec.resources);
  if (!validateOrder(errors, pod.spec, old.spec)) return errors;
  for (const field of ['initContainers', 'containers'] as const) {
    old.spec[field]?.forEach((before, index) => {
      const now = pod.spec[field]?.[index];
      if (now) validateContainer(errors, field, index, now, before);
    });
  }
  return errors;
}

const removed = (now: Amounts | undefined, before: Amounts | undefined): boolean =>
  Object.keys(before ?? {}).some((name) => now?.[name] === undefined);

function validatePodLevel(
  errors: FieldError[],
  now: Requirements | undefined,
  before: Requirements | undefined,
): void {
  if (!before) return;
  if (!now) {
    errors.push(forbidden('spec.resources', 'pod-level resources cannot be removed'));
    return;
  }
  for (const list of ['requests', 'limits'] as const) {
    if (!removed(now[list], before[list])) continue;
    errors.push(forbidden(`spec.resources.${list}`, `pod-level resource ${list} cannot be removed`));
  }
  if (!onlyComputeDiffers(now, before)) {
    errors.push(forbidden('spec', 'only cpu and memory resources are mutable at pod-level'));
  }
}

function validateOrder(
  errors: FieldError[],
  now: DeepReadonly<PodSpec>,
  before: DeepReadonly<PodSpec>,
): boolean {
  const count = errors.length;
  for (const field of ['containers', 'initContainers'] as const) {
    const old = before[field] ?? [];
    const next = now[field] ?? [];
    if (old.length !== next.length) {
      errors.push(forbidden(`spec.${field}`, `${field} may not be added or removed on resize`));
      continue;
    }
    old.forEach(({ name }, index) => {
      if (next[index]?.name === name) return;
      errors.push(
        forbidden(`spec.${field}[${index}].name`, `${field} may not be renamed or reordered on resize`),
      );
    });
  }
  return errors.length === count;
}

function validateContainer(
  errors: FieldError[],
  field: 'containers' | 'initContainers',
  index: number,
  now: DeepReadonly<Container>,
  before: DeepReadonly<Container>,
): void {
  const path = `spec.${field}[${index}]`;
  for (const list of ['requests', 'limits'] as const) {
    if (!removed(now.resources?.[list], before.resources?.[list])) continue;
    errors.push(forbidden(`${path}.resources.${list}`, `resource ${list} cannot be removed`));
  }
  const { resources: nowResources = {}, ...nowRest } = now;
  const { resources: oldResources = {}, ...oldRest } = before;
  if (!sameMeaning(nowRest, oldRest) || !onlyComputeDiffers(nowResources, oldResources)) {
    const what = field === 'containers' ? '' : ' for init or sidecar containers';
    errors.push(
      forbidden(field === 'containers' ? 'spec' : path, `only cpu and memory resources${what} are mutable`),
    );
  }
}

function onlyComputeDiffers(now: Requirements, before: Requirements): boolean {
  const rest = (amounts: Amounts | undefined): Amounts => {
    const { cpu: _cpu, memory: _memory, ...others } = amounts ?? {};
    return others;
  };
  return (
    sameMeaning(rest(now.requests), rest(before.requests), 'requests') &&
    sameMeaning(rest(now.limits), rest(before.limits), 'limits') &&
    sameMeaning(now.claims, before.claims)
  );
}
