/** Rules for claims of persistent storage, of their own and as templates inside of pods. */
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  validateAnnotations,
  validateDns1123Subdomain,
  validateLabelSelector,
  validateLabels,
} from '../../apimachinery/validation/index.ts';
import { canonicalAmount, compareAmounts } from './amounts.ts';
import { reportEach, requireText } from './report.ts';
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedLocalObjectReference,
} from './types.ts';

type Spec = DeepReadonly<PersistentVolumeClaimSpec>;
/** Ways in which nodes may use a volume, sorted. */
const ACCESS_MODES: readonly string[] = [
  'ReadOnlyMany',
  'ReadWriteMany',
  'ReadWriteOnce',
  'ReadWriteOncePod',
];
/** How a volume appears in a container, sorted. */
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];

/** Checks the template of an ephemeral volume's claim; of metadata it may have labels and annotations. */
export function validateClaimTemplate(
  errors: FieldError[],
  path: string,
  template: DeepReadonly<PersistentVolumeClaimTemplate>,
): void {
  const { annotations, labels, ...rest } = template.metadata ?? {};
  if (annotations) errors.push(...validateAnnotations(annotations, `${path}.metadata.annotations`));
  if (labels) errors.push(...validateLabels(labels, `${path}.metadata.labels`));
  for (const [field, value] of Object.entries(rest)) {
    if (value != null && value !== '') errors.push(forbidden(`${path}.metadata.${field}`, 'cannot be set'));
  }
  validateClaimSpec(errors, `${path}.spec`, template.spec);
}

/** Checks what a claim asks for. */
export function validateClaimSpec(errors: FieldError[], path: string, spec: Spec): void {
  // That there are none is told before what is wrong with the selector, that one is unknown after it.
  if (!spec.accessModes?.length) {
    errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  }
  if (spec.selector) errors.push(...validateLabelSelector(spec.selector, `${path}.selector`));
  validateAccessModes(errors, `${path}.accessModes`, spec.accessModes);
  const storage = spec.resources?.requests?.['storage'];
  const at = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(required(at));
  else if (compareAmounts(storage, '0') <= 0) {
    errors.push(invalid(at, canonicalAmount(storage), 'must be greater than zero'));
  }
  validateClassName(errors, `${path}.storageClassName`, spec.storageClassName);
  const mode: string | undefined = spec.volumeMode;
  if (mode != null && !VOLUME_MODES.includes(mode)) {
    errors.push(notSupported(`${path}.volumeMode`, mode, VOLUME_MODES));
  }
  validateSources(errors, path, spec);
  validateClassName(errors, `${path}.volumeAttributesClassName`, spec.volumeAttributesClassName);
}

function validateClassName(errors: FieldError[], path: string, name: string | undefined): void {
  if (name) reportEach(errors, path, name, validateDns1123Subdomain(name));
}

/** Checks the ways of use of a claim or volume, of which there have to be some. */
export function validateAccessModes(
  errors: FieldError[],
  path: string,
  modes: readonly string[] | undefined,
): void {
  for (const mode of modes ?? []) {
    if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(path, mode, ACCESS_MODES));
  }
  const known = new Set(modes?.filter((mode) => ACCESS_MODES.includes(mode)));
  if (known.has('ReadWriteOncePod') && known.size > 1) {
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  }
}

function validateSources(errors: FieldError[], path: string, spec: Spec): void {
  const { dataSource: source, dataSourceRef: reference } = spec;
  if (source) validateSource(errors, `${path}.dataSource`, source);
  if (reference) {
    validateSource(errors, `${path}.dataSourceRef`, reference);
    if (reference.namespace) {
      reportEach(
        errors,
        `${path}.dataSourceRef.namespace`,
        reference.namespace,
        validateDns1123Subdomain(reference.namespace),
      );
    }
  }
  if (!source || !reference) return;
  if (reference.namespace) {
    const rule = 'may not be specified when dataSourceRef.namespace is specified';
    errors.push(invalid(path, `${path}.dataSource`, rule));
  } else if (
    source.kind !== reference.kind ||
    source.name !== reference.name ||
    source.apiGroup !== reference.apiGroup
  ) {
    // Upstream's message shows a path here, which has nothing to show.
    errors.push(invalid(path, {}, 'must match dataSourceRef'));
  }
}

function validateSource(
  errors: FieldError[],
  path: string,
  source: DeepReadonly<TypedLocalObjectReference>,
): void {
  requireText(errors, `${path}.name`, source.name);
  requireText(errors, `${path}.kind`, source.kind);
  const group = source.apiGroup ?? '';
  if (group === '' && source.kind !== 'PersistentVolumeClaim') {
    const rule = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errors.push(invalid(path, source.kind ?? '', rule));
  }
  if (group !== '') reportEach(errors, `${path}.apiGroup`, group, validateDns1123Subdomain(group));
}
