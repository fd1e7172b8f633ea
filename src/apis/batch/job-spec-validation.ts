/** Rules for the spec of a Job, alone or inside a CronJob. */
import { type FieldError, invalid, required, tooLong, unsupported } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateDomainPrefixedPath } from '../../apimachinery/validation/index.ts';
import { type PodValidationOptions, validatePodTemplateSpec } from '../core/index.ts';
import {
  COMPLETIONS_SOFT_LIMIT,
  FAILED_INDEXES_MAX,
  FAILED_INDEXES_MAX_ABOVE_SOFT_LIMIT,
  INDEXED_PARALLELISM_MAX,
  MANAGED_BY_BYTES_MAX,
  PARALLELISM_MAX_ABOVE_SOFT_LIMIT,
} from './job-limits.ts';
import { requireNonnegative } from './nonnegative.ts';
import { validatePodFailurePolicy } from './pod-failure-policy.ts';
import { validateSuccessPolicy } from './success-policy.ts';
import type { JobSpec } from './types.ts';

type Spec = DeepReadonly<JobSpec>;

/** Every rule but those about the selector. */
export function validateJobSpecBody(spec: Spec, path: string, options: PodValidationOptions): FieldError[] {
  return [
    ...validateNumbers(spec, path),
    ...validateManagedBy(spec, path),
    ...validateCompletionMode(spec, path),
    ...(spec.podFailurePolicy === undefined
      ? []
      : validatePodFailurePolicy(spec, `${path}.podFailurePolicy`)),
    ...(spec.successPolicy === undefined ? [] : validateSuccessPolicy(spec, `${path}.successPolicy`)),
    ...validatePodReplacementPolicy(spec, `${path}.podReplacementPolicy`),
    ...validatePodTemplateSpec(spec.template, `${path}.template`, options),
    ...validateRestartPolicy(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function validateNumbers(spec: Spec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  for (const name of names) errors.push(...requireNonnegative(spec[name], `${path}.${name}`));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  return errors;
}

function validateManagedBy({ managedBy }: Spec, path: string): FieldError[] {
  if (managedBy === undefined) return [];
  const errors = [...validateDomainPrefixedPath(managedBy, `${path}.managedBy`)];
  if (Buffer.byteLength(managedBy) > MANAGED_BY_BYTES_MAX) {
    errors.push(tooLong(`${path}.managedBy`, MANAGED_BY_BYTES_MAX));
  }
  return errors;
}

function validateCompletionMode(spec: Spec, path: string): FieldError[] {
  if (spec.completionMode === 'Indexed') return validateIndexed(spec, path);
  if (spec.completionMode !== undefined && spec.completionMode !== 'NonIndexed') {
    return [unsupported(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed'])];
  }
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
    .filter((name) => spec[name] !== undefined)
    .map((name) => invalid(`${path}.${name}`, spec[name], 'requires indexed completion mode'));
}

function validateIndexed(spec: Spec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes } = spec;
  const errors: FieldError[] = [];
  const tooGreat = (name: 'parallelism' | 'maxFailedIndexes', why: string): void => {
    errors.push(invalid(`${path}.${name}`, spec[name], `must be less than or equal to ${why}`));
  };
  if (completions === undefined)
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  if (parallelism > INDEXED_PARALLELISM_MAX) {
    tooGreat('parallelism', `${INDEXED_PARALLELISM_MAX} when completion mode is Indexed`);
  }
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    tooGreat('maxFailedIndexes', 'completions');
  if ((maxFailedIndexes ?? 0) > FAILED_INDEXES_MAX) tooGreat('maxFailedIndexes', `${FAILED_INDEXES_MAX}`);
  if ((completions ?? 0) <= COMPLETIONS_SOFT_LIMIT || spec.backoffLimitPerIndex === undefined) return errors;

  const circumstances = `when completions are above ${COMPLETIONS_SOFT_LIMIT} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    const why = `must be specified when completions is above ${COMPLETIONS_SOFT_LIMIT}`;
    errors.push(required(`${path}.maxFailedIndexes`, why));
  }
  if (parallelism > PARALLELISM_MAX_ABOVE_SOFT_LIMIT) {
    tooGreat('parallelism', `${PARALLELISM_MAX_ABOVE_SOFT_LIMIT} ${circumstances}`);
  }
  if ((maxFailedIndexes ?? 0) > FAILED_INDEXES_MAX_ABOVE_SOFT_LIMIT) {
    tooGreat('maxFailedIndexes', `${FAILED_INDEXES_MAX_ABOVE_SOFT_LIMIT} ${circumstances}`);
  }
  return errors;
}

function validatePodReplacementPolicy(
  { podReplacementPolicy, podFailurePolicy }: Spec,
  path: string,
): FieldError[] {
  if (podReplacementPolicy === undefined) return [];
  const allowed = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed'];
  return allowed.includes(podReplacementPolicy) ? [] : [unsupported(path, podReplacementPolicy, allowed)];
}

function validateRestartPolicy(spec: Spec, path: string): FieldError[] {
  const policy = spec.template.spec?.restartPolicy;
  // Always is the default of a pod, so it stands for a policy that was left out.
  if (!policy || policy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never')
    return [unsupported(path, policy, ['OnFailure', 'Never'])];
  return spec.podFailurePolicy !== undefined && policy !== 'Never'
    ? [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}
