/** Rules for a Job that is created or whose spec is updated. Metadata in general is the server's own business. */
import { type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import { sortedMembers } from '../../apimachinery/go-text.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';
import { isGivenEmpty } from '../../apimachinery/schema/index.ts';
import { labelSelectorMatches, shownSelector } from '../../apimachinery/selectors/index.ts';
import {
  type MetadataErrors,
  SOUND_METADATA,
  validateDns1123Label,
  validateLabelSelector,
} from '../../apimachinery/validation/index.ts';
import { type PodValidationOptions, podTemplateValidationOptions } from '../core/index.ts';
import { validateJobAnnotations } from './annotations.ts';
import { validateSpecChange } from './job-spec-change.ts';
import { validateJobSpecBody } from './job-spec-validation.ts';
import {
  CONTROLLER_UID_LABEL,
  JOB_NAME_LABEL,
  LEGACY_CONTROLLER_UID_LABEL,
  LEGACY_JOB_NAME_LABEL,
} from './names.ts';
import type { Job } from './types.ts';

type AnyJob = DeepReadonly<Job>;

/** Checks a new Job after defaulting and after its selector was generated. */
export function validateJobCreate(job: AnyJob): FieldError[] {
  return [
    ...validateJob(job, podTemplateValidationOptions(), {}, true),
    ...validateJobAnnotations(job.metadata.annotations),
  ];
}

/** Checks the new state of a Job. Rules that the old state broke are not held against the new one where upstream is lenient. */
export function validateJobUpdate(
  job: AnyJob,
  old: AnyJob,
  metadata: MetadataErrors = SOUND_METADATA,
): FieldError[] {
  const options = podTemplateValidationOptions(old.spec.template);
  const anyLabelValue = validateLabelSelector(old.spec.selector ?? {}, '').some((error) =>
    error.field.includes('.values['),
  );
  const labels = old.spec.template.metadata?.labels ?? {};
  const prefixed = Object.hasOwn(labels, JOB_NAME_LABEL) && Object.hasOwn(labels, CONTROLLER_UID_LABEL);
  const tolerant = { anyLabelValue };
  return [
    ...metadata.object,
    ...validateJob(job, options, tolerant, prefixed),
    ...metadata.change,
    // The rules of the spec are checked twice on an update, as upstream does: its answers list such causes twice.
    ...validateSpec(job, options, tolerant),
    ...validateSpecChange(job, old),
    ...validateJobAnnotations(job.metadata.annotations, old.metadata.annotations),
  ];
}

interface SelectorOptions {
  readonly anyLabelValue?: boolean;
}

function validateJob(
  job: AnyJob,
  options: PodValidationOptions,
  selectorOptions: SelectorOptions,
  prefixedLabels: boolean,
): FieldError[] {
  return [
    ...validateGeneratedSelector(job, prefixedLabels),
    ...validateSpec(job, options, selectorOptions),
    ...validateIndexedName(job),
  ];
}

function validateSpec(
  job: AnyJob,
  options: PodValidationOptions,
  selectorOptions: SelectorOptions,
): FieldError[] {
  const { selector, template } = job.spec;
  const errors = validateJobSpecBody(job.spec, 'spec', options);
  if (selector === undefined) errors.push(required('spec.selector', ''));
  else errors.push(...validateLabelSelector(selector, 'spec.selector', selectorOptions));
  const labels = template.metadata?.labels;
  if (!selects(selector, labels ?? {})) {
    const why = '`selector` does not match template `labels`';
    const given = labels ?? (isGivenEmpty(template.metadata ?? {}, 'labels') ? {} : undefined);
    errors.push(invalid('spec.template.metadata.labels', given && sortedMembers(given), why));
  }
  return errors;
}

/** Whether a selector matches; one that is malformed is reported elsewhere and counts as matching here. */
function selects(
  selector: DeepReadonly<LabelSelector> | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (selector === undefined) return false;
  return validateLabelSelector(selector, '').length > 0 || labelSelectorMatches(selector, labels);
}

/** Where the server generates selector and labels, a user's own may not contradict them. */
function validateGeneratedSelector(job: AnyJob, prefixedLabels: boolean): FieldError[] {
  const { spec, metadata } = job;
  if (spec.manualSelector || spec.selector === undefined) return [];
  const errors: FieldError[] = [];
  if (!metadata.uid) errors.push(required('metadata.uid', ''));
  const name = (metadata.name as string | undefined) ?? '';
  const expected: Record<string, string> = {
    [LEGACY_CONTROLLER_UID_LABEL]: metadata.uid,
    [LEGACY_JOB_NAME_LABEL]: name,
    ...(prefixedLabels ? { [CONTROLLER_UID_LABEL]: metadata.uid, [JOB_NAME_LABEL]: name } : {}),
  };
  for (const [key, value] of Object.entries(expected)) errors.push(...requireTemplateLabel(job, key, value));
  if (!selects(spec.selector, expected)) {
    errors.push(invalid('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'));
  }
  return errors;
}

function requireTemplateLabel(job: AnyJob, key: string, value: string): FieldError[] {
  const labels = job.spec.template.metadata?.labels ?? {};
  const path = 'spec.template.metadata.labels';
  const actual = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (actual === undefined) return [required(`${path}[${key}]`, `must be '${value}'`)];
  return actual === value ? [] : [invalid(`${path}[${key}]`, sortedMembers(labels), `must be '${value}'`)];
}

/** The last pod of an Indexed Job takes the Job's name and the highest index for its host name. */
function validateIndexedName({ metadata, spec }: AnyJob): FieldError[] {
  if (spec.completionMode !== 'Indexed' || (spec.completions ?? 0) <= 0) return [];
  const name: string | undefined = metadata.name;
  const hostname = `${name ?? ''}-${(spec.completions ?? 0) - 1}`;
  if (validateDns1123Label(hostname).length === 0) return [];
  const why = `will not able to create pod with invalid DNS label: ${hostname}`;
  return [invalid('metadata.name', name ?? '', why)];
}
