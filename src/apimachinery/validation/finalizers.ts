import { type FieldError, forbidden, invalid } from '../field-error.ts';
import { validateQualifiedName } from './names.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** `metadata.finalizers`: qualified names, and not both of the garbage collector's. */
export function validateFinalizers(finalizers: readonly string[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const finalizer of finalizers ?? []) errors.push(...validateFinalizerName(finalizer, path));
  if (finalizers?.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(invalid(path, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`));
  }
  return errors;
}

/** The name of one finalizer. */
function validateFinalizerName(finalizer: string, path: string): FieldError[] {
  return validateQualifiedName(finalizer).map((wrong) => invalid(path, finalizer, wrong));
}

/** Finalizers without a domain that Kubernetes' own kinds know. */
const STANDARD: ReadonlySet<string> = new Set(['kubernetes', ORPHAN, FOREGROUND]);

/** What the kinds themselves ask of `metadata.finalizers` besides: a domain, but for the names that Kubernetes knows. */
export function validateFinalizerDomains(
  finalizers: readonly string[] | undefined,
  path = 'metadata.finalizers',
): FieldError[] {
  const why = 'name is neither a standard finalizer name nor is it fully qualified';
  return (finalizers ?? []).flatMap((finalizer, at) =>
    finalizer.includes('/') || STANDARD.has(finalizer) ? [] : [invalid(`${path}[${at}]`, finalizer, why)],
  );
}

/** That an object under deletion gets no finalizer that it did not have. */
export function validateNoNewFinalizers(
  finalizers: readonly string[] | undefined,
  old: readonly string[] | undefined,
  path: string,
): FieldError[] {
  const known = new Set(old);
  const extra = [...new Set(finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  if (extra.length === 0) return [];
  const shown = `[]string{${extra.map((each) => JSON.stringify(each)).join(', ')}}`;
  return [
    forbidden(
      path,
      `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`,
    ),
  ];
}
