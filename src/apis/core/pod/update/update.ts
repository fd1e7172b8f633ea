/** Rules for what may change in a pod that exists: next to nothing. */
import type { Int64 } from '../../../../apimachinery/exact-json.ts';
import { type FieldError, forbidden, invalid, required } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { shownList } from '../../../../apimachinery/schema/index.ts';
import { unifiedDiff } from '../../line-diff.ts';
import { sameMeaning } from '../../semantic-equality.ts';
import type { Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../../types.ts';
import { validateAnnotationUpdate, validatePodAnnotations } from '../annotations.ts';
import { validateGatesLifted } from '../scheduling/scheduling-gates.ts';
import { validateTolerations } from '../scheduling/tolerations.ts';
import { podValidationOptions } from '../stored-validation-options.ts';
import { validatePod } from '../validation.ts';
import { STRICT_POD } from '../validation-options.ts';
import { goPodSpec } from './go-form.ts';

type Spec = DeepReadonly<PodSpec>;
const INT32_MAX = 2 ** 31 - 1;
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** Checks an update of a pod by its user. */
export function validatePodUpdate(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): FieldError[] {
  const errors: FieldError[] = [];
  const options = podValidationOptions(old);
  const { spec } = pod;
  if (spec === old.spec) {
    // The very same spec was valid when it was stored; of the rest of the pod the annotations have rules of a pod's own.
    validatePodAnnotations(errors, 'metadata.annotations', pod.metadata.annotations, spec, options);
  } else validatePod(errors, pod, options);
  validateAnnotationUpdate(
    errors,
    'metadata.annotations',
    pod.metadata.annotations,
    old.metadata.annotations,
  );
  if (spec === old.spec) return errors;
  for (const field of ['containers', 'initContainers'] as const) {
    if (!validateImages(errors, `spec.${field}`, spec[field] ?? [], old.spec[field] ?? [])) return errors;
  }
  if (!validateDeadline(errors, spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds)) return errors;
  validateTolerationsKept(errors, 'spec.tolerations', spec.tolerations, old.spec.tolerations);
  validateGatesLifted(errors, 'spec.schedulingGates', spec.schedulingGates, old.spec.schedulingGates);
  if (sameMeaning(spec, old.spec)) return errors;
  const rest = withoutUpdatable(errors, spec, old.spec);
  if (!sameMeaning(rest, old.spec)) {
    const diff = unifiedDiff(pretty(old.spec), pretty(rest));
    errors.push(forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${diff}`));
  }
  return errors;
}

const pretty = (spec: Spec): string => JSON.stringify(goPodSpec(spec), null, 1);

/** Answers false when the lists of containers do not even correspond. */
function validateImages(
  errors: FieldError[],
  path: string,
  containers: DeepReadonly<Container[]>,
  old: DeepReadonly<Container[]>,
): boolean {
  if (containers.length !== old.length) {
    errors.push(forbidden(path, 'pod updates may not add or remove containers'));
    return false;
  }
  containers.forEach(({ image = '' }, index) => {
    const at = `${path}[${index}].image`;
    if (image === '') errors.push(required(at));
    if (image.trim() !== image) {
      errors.push(invalid(at, image, 'must not have leading or trailing whitespace'));
    }
  });
  return true;
}

/** A deadline may be set or brought forward. Answers false when nothing further needs to be said. */
function validateDeadline(errors: FieldError[], now: Int64 | undefined, before: Int64 | undefined): boolean {
  const path = 'spec.activeDeadlineSeconds';
  if (now == null) {
    if (before != null) {
      errors.push(invalid(path, null, 'must not update from a positive integer to nil value'));
    }
    return true;
  }
  if (now < 0 || now > INT32_MAX) {
    errors.push(invalid(path, now, `must be between 0 and ${INT32_MAX}, inclusive`));
    return false;
  }
  if (before != null && before < now) {
    errors.push(invalid(path, now, 'must be less than or equal to previous value'));
    return false;
  }
  return true;
}

function validateTolerationsKept(
  errors: FieldError[],
  path: string,
  now: DeepReadonly<Toleration[]> | undefined,
  before: DeepReadonly<Toleration[]> | undefined,
): void {
  const kept = (old: DeepReadonly<Toleration>): boolean =>
    (now ?? []).some(({ tolerationSeconds: _any, ...each }) => {
      const { tolerationSeconds: _was, ...rest } = old;
      return sameMeaning(each, rest);
    });
  if (!(before ?? []).every(kept)) {
    errors.push(forbidden(path, 'existing toleration can not be modified except its tolerationSeconds'));
  } else if (now !== before) validateTolerations(errors, path, now, STRICT_POD);
}

/** The new spec with everything that may change put back to what it was; what still differs may not. */
function withoutUpdatable(errors: FieldError[], spec: Spec, old: Spec): Spec {
  const rest = { ...spec } as Record<string, unknown>;
  for (const field of ['containers', 'initContainers'] as const) {
    if (!spec[field]) continue;
    rest[field] = spec[field].map((each, index) => ({ ...each, image: old[field]?.[index]?.image }));
  }
  for (const field of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const) {
    rest[field] = old[field];
  }
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) {
    rest['terminationGracePeriodSeconds'] = old.terminationGracePeriodSeconds;
  }
  if (old.schedulingGates?.length) {
    rest['nodeSelector'] = old.nodeSelector;
    rest['affinity'] = withOldNodeAffinity(spec, old);
    validateNarrowed(errors, spec, old);
  }
  return rest as unknown as Spec;
}

function withOldNodeAffinity(spec: Spec, old: Spec): unknown {
  const { nodeAffinity: _new, ...others } = spec.affinity ?? {};
  const before = old.affinity?.nodeAffinity;
  if (before) return { ...others, nodeAffinity: before };
  return Object.keys(others).length === 0 ? old.affinity : others;
}

/** While a pod is gated, controllers may narrow down where it can run (KEP-3838). */
function validateNarrowed(errors: FieldError[], spec: Spec, old: Spec): void {
  const selector = spec.nodeSelector ?? {};
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => selector[key] === value);
  if (!kept) {
    const rule = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
    errors.push(invalid('spec.nodeSelector', selector, rule));
  }
  const before = old.affinity?.nodeAffinity;
  if (!sameMeaning(spec.affinity?.nodeAffinity, before)) {
    validateTermsNarrowed(errors, spec.affinity?.nodeAffinity, before);
  }
}

function validateTermsNarrowed(
  errors: FieldError[],
  now: DeepReadonly<NodeAffinity> | undefined,
  before: DeepReadonly<NodeAffinity> | undefined,
): void {
  const oldTerms = before?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const newTerms = now?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const path = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  if (oldTerms.length === 0) return;
  if (oldTerms.length !== newTerms.length) {
    const rule = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(invalid(path, now?.[REQUIRED]?.nodeSelectorTerms.map(goTerm) ?? null, rule));
    return;
  }
  oldTerms.forEach((term, index) => {
    const next = newTerms[index];
    if (next && onlyAdds(next, term)) return;
    const rule = 'only additions are allowed (no mutations or deletions)';
    errors.push(invalid(`${path}[${index}]`, next && goTerm(next), rule));
  });
}

function onlyAdds(now: DeepReadonly<NodeSelectorTerm>, before: DeepReadonly<NodeSelectorTerm>): boolean {
  const counts = (term: DeepReadonly<NodeSelectorTerm>): number =>
    (term.matchExpressions?.length ?? 0) + (term.matchFields?.length ?? 0);
  if (counts(before) === 0 && counts(now) > 0) return false;
  return (['matchExpressions', 'matchFields'] as const).every((field) => {
    const old = before[field] ?? [];
    return old.length === 0 || sameMeaning(now[field]?.slice(0, old.length), old);
  });
}

function goTerm(term: DeepReadonly<NodeSelectorTerm>): object {
  const requirements = (field: 'matchExpressions' | 'matchFields'): unknown =>
    shownList(term, field)?.map((each) => ({
      Key: each.key,
      Operator: each.operator,
      Values: shownList(each, 'values'),
    })) ?? null;
  return { MatchExpressions: requirements('matchExpressions'), MatchFields: requirements('matchFields') };
}
