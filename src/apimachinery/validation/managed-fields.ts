import { type FieldError, invalid, tooLong } from '../field-error.ts';
import type { DeepReadonly } from '../meta/object.ts';
import type { ManagedFieldsEntry } from '../meta/types.ts';

/** Bytes of the longest name of a field manager. */
const FIELD_MANAGER_LENGTH_MAX = 128;
/** Bytes of the longest subresource in managedFields. */
const SUBRESOURCE_LENGTH_MAX = 256;

/** `metadata.managedFields` as a client sent it. */
export function validateManagedFields(
  entries: DeepReadonly<ManagedFieldsEntry[]> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, entry] of (entries ?? []).entries()) {
    const at = `${path}[${index}]`;
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry;
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalid(`${at}.operation`, operation, 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(invalid(`${at}.fieldsType`, fieldsType, 'must be `FieldsV1`'));
    }
    errors.push(...validateFieldManager(manager, `${at}.manager`));
    if (Buffer.byteLength(subresource) > SUBRESOURCE_LENGTH_MAX) {
      errors.push(tooLong(`${at}.subresource`, SUBRESOURCE_LENGTH_MAX));
    }
  }
  return errors;
}

/** The name of a field manager: short and printable. Empty means that none was given. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > FIELD_MANAGER_LENGTH_MAX) {
    errors.push(tooLong(path, FIELD_MANAGER_LENGTH_MAX));
  }
  let position = 0;
  for (const letter of manager) {
    if (!PRINTABLE.test(letter)) {
      errors.push(invalid(path, manager, `invalid character ${codePoint(letter)} (at position ${position})`));
    }
    position += Buffer.byteLength(letter);
  }
  return errors;
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Go's `%#U` of a letter that does not print. */
function codePoint(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
