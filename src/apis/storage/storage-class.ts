/** Storage classes: defaults, rules, and which one claims get that name none. */
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { shownMap } from '../../apimachinery/schema/index.ts';
import { validateLabelName, validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { nodeLabelWarning, sameMeaning } from '../core/index.ts';
import type { TopologySelectorTerm } from '../core/types.ts';
import type { StorageClass } from './types.ts';

type AnyClass = DeepReadonly<StorageClass>;

/** Marks the class of claims that name none. */
export const DEFAULT_CLASS_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
const OLD_DEFAULT_CLASS_ANNOTATION = 'storageclass.beta.kubernetes.io/is-default-class';
const RECLAIM_POLICIES = ['Delete', 'Retain'];
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer'];
/** Parameters that a class may have, and bytes of all of them together: upstream's limits. */
const PARAMETERS_MAX = 512;
const PARAMETER_BYTES_MAX = 256 * 1024;

/** Fills in the reclaim policy and the binding mode. */
export function applyStorageClassDefaults(storageClass: StorageClass): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

/** Whether claims that name no class get this one. */
export function isDefaultClass({ metadata }: AnyClass): boolean {
  const annotations = metadata.annotations ?? {};
  return (
    annotations[DEFAULT_CLASS_ANNOTATION] === 'true' || annotations[OLD_DEFAULT_CLASS_ANNOTATION] === 'true'
  );
}

/** The class that claims get that name none: of several the newest, then the first by name. */
export function defaultStorageClass(classes: readonly AnyClass[]): AnyClass | undefined {
  const createdAt = ({ metadata }: AnyClass): number => Date.parse(metadata.creationTimestamp);
  return classes
    .filter(isDefaultClass)
    .sort((a, b) => createdAt(b) - createdAt(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

/** Checks a new class. */
export function validateStorageClass(storageClass: AnyClass): FieldError[] {
  const { provisioner, parameters = {}, allowedTopologies = [] } = storageClass;
  const reclaimPolicy: string = storageClass.reclaimPolicy ?? '';
  const bindingMode: string | undefined = storageClass.volumeBindingMode;
  const errors: FieldError[] = [];
  if (!provisioner) errors.push(required('provisioner'));
  else {
    const name = provisioner.toLowerCase();
    for (const why of validateQualifiedName(name)) errors.push(invalid('provisioner', name, why));
  }
  errors.push(...validateParameters(parameters));
  if (reclaimPolicy !== '' && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    errors.push(notSupported('reclaimPolicy', reclaimPolicy, RECLAIM_POLICIES));
  }
  if (bindingMode === undefined) errors.push(required('volumeBindingMode'));
  else if (!BINDING_MODES.includes(bindingMode)) {
    errors.push(notSupported('volumeBindingMode', bindingMode, BINDING_MODES));
  }
  errors.push(...validateTopologies(allowedTopologies));
  return errors;
}

function validateParameters(parameters: Readonly<Record<string, string>>): FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) return [tooLong('parameters', PARAMETERS_MAX)];
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalid('parameters', key, 'field can not be empty.'));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > PARAMETER_BYTES_MAX) errors.push(tooLong('parameters', PARAMETER_BYTES_MAX));
  return errors;
}

function validateTopologies(terms: readonly DeepReadonly<TopologySelectorTerm>[]): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream compares each term with as many empty ones as there are terms, so that an empty term always stands twice.
  const seen: string[] = terms.map(() => '[]');
  for (const [at, { matchLabelExpressions = [] }] of terms.entries()) {
    const path = `allowedTopologies[${at}].matchLabelExpressions`;
    const valuesByKey = new Map<string, readonly string[]>();
    for (const [index, { key = '', values: given }] of matchLabelExpressions.entries()) {
      // Go always writes this list: one that is left out is null.
      const values = given ?? [];
      const here = `${path}[${index}]`;
      if (values.length === 0) errors.push(required(`${here}.values`));
      for (const [position, value] of values.entries()) {
        if (values.indexOf(value) < position) errors.push(duplicate(`${here}.values[${position}]`, value));
      }
      errors.push(...validateLabelName(key, `${here}.key`));
      if (valuesByKey.has(key)) errors.push(duplicate(`${here}.key`, key));
      valuesByKey.set(key, [...new Set(values)].sort());
    }
    const identity = JSON.stringify([...valuesByKey].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const each of seen) if (each === identity) errors.push(duplicate(path, ''));
    seen.push(identity);
  }
  return errors;
}

/** Checks an update: volumes were provisioned by what a class said, so most of it stays. */
export function validateStorageClassChange(now: AnyClass, old: AnyClass): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const) {
    const value = now[field];
    if (sameMeaning(value, old[field], field)) continue;
    const shown = field === 'parameters' ? shownMap(now, field) : value;
    errors.push(invalid(field, shown, 'field is immutable'));
  }
  return errors;
}

/** Warns of node labels that have gone out of use. */
export function storageClassWarnings({ allowedTopologies = [] }: AnyClass): readonly string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, at) =>
    matchLabelExpressions.flatMap(({ key }, index) => {
      const warning = nodeLabelWarning(key);
      return warning === undefined
        ? []
        : [`allowedTopologies[${at}].matchLabelExpressions[${index}].key: ${warning}`];
    }),
  );
}
