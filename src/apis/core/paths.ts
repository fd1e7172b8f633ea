/** Rules for file paths inside volumes and containers. */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';

/** Refuses a path with a `..` element. */
export function refuseBacksteps(errors: FieldError[], field: string, path: string): void {
  if (path.includes('..') && path.split('/').includes('..')) {
    errors.push(invalid(field, path, "must not contain '..'"));
  }
}

/** Refuses a path that is absolute or has a `..` element. */
export function requireDescending(errors: FieldError[], field: string, path: string): void {
  if (path.startsWith('/')) errors.push(invalid(field, path, 'must be a relative path'));
  refuseBacksteps(errors, field, path);
}

/** Like {@link requireDescending}, and refuses names that start with `..`, which atomic writing of volumes needs. */
export function requireLocal(errors: FieldError[], field: string, path: string): void {
  requireDescending(errors, field, path);
  if (path.startsWith('..') && !path.startsWith('../')) {
    errors.push(invalid(field, path, "must not start with '..'"));
  }
}

/** Refuses a file mode outside of 0 to 0777. */
export function checkFileMode(errors: FieldError[], field: string, mode: number | undefined): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) {
    errors.push(invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive'));
  }
}
