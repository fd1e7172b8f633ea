import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { validateQualifiedName } from '../../apimachinery/validation/index.ts';
import { reportEach } from './report.ts';
import type { Namespace } from './types.ts';

/** The label that carries a namespace's name, so that selectors can name namespaces. */
const NAME_LABEL = 'kubernetes.io/metadata.name';
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** Fills in the label with the name, and the phase. */
export function applyNamespaceDefaults(namespace: Namespace): void {
  namespace.spec ??= {};
  namespace.status ??= {};
  namespace.status.phase ||= 'Active';
  const { metadata } = namespace;
  if (!metadata.name) return;
  metadata.labels ??= {};
  metadata.labels[NAME_LABEL] = metadata.name;
}

/** Checks what keeps a namespace from going; `indexed` adds the position to the path. */
export function validateNamespaceFinalizers(
  namespace: DeepReadonly<Namespace>,
  indexed = false,
): FieldError[] {
  const errors: FieldError[] = [];
  namespace.spec.finalizers?.forEach((name, index) => {
    const at = `spec.finalizers${indexed ? `[${index}]` : ''}`;
    reportEach(errors, at, name, validateQualifiedName(name));
    if (!name.includes('/') && !STANDARD_FINALIZERS.has(name)) {
      errors.push(invalid(at, name, 'name is neither a standard finalizer name nor is it fully qualified'));
    }
  });
  return errors;
}

/** The phase follows the deletion. */
export function validateNamespaceStatus({ metadata, status }: DeepReadonly<Namespace>): FieldError[] {
  const deleting = metadata.deletionTimestamp !== undefined;
  const phase = deleting ? 'Terminating' : 'Active';
  if (status.phase === phase) return [];
  const rule = `may only be '${phase}' if \`deletionTimestamp\` is ${deleting ? 'not ' : ''}empty`;
  return [invalid('status.Phase', status.phase ?? '', rule)];
}
