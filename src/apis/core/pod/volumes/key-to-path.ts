import type { FieldError } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { checkFileMode, requireLocal } from '../../paths.ts';
import { requireText } from '../../report.ts';
import type { KeyToPath } from '../../types.ts';

/** Checks one file that a key of a map becomes. */
export function validateKeyToPath(errors: FieldError[], path: string, item: DeepReadonly<KeyToPath>): void {
  requireText(errors, `${path}.key`, item.key);
  requireText(errors, `${path}.path`, item.path);
  requireLocal(errors, `${path}.path`, item.path ?? '');
  checkFileMode(errors, `${path}.mode`, item.mode);
}
