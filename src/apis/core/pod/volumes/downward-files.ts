import { type FieldError, invalid, required } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { checkFileMode, requireLocal } from '../../paths.ts';
import { requireText } from '../../report.ts';
import type { DownwardAPIVolumeFile } from '../../types.ts';
import { validateFieldRef, validateResourceFieldRef } from '../containers/env.ts';

const FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
];

/** Checks one file made of the pod's own fields. Upstream reports at the volume's path, not at the file's. */
export function validateDownwardFile(
  errors: FieldError[],
  path: string,
  file: DeepReadonly<DownwardAPIVolumeFile>,
): void {
  requireText(errors, `${path}.path`, file.path);
  requireLocal(errors, `${path}.path`, file.path ?? '');
  if (file.fieldRef) {
    validateFieldRef(errors, `${path}.fieldRef`, file.fieldRef, FIELDS);
    if (file.resourceFieldRef) {
      const rule = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalid(path, 'resource', rule));
    }
  } else if (file.resourceFieldRef) {
    validateResourceFieldRef(errors, `${path}.resourceFieldRef`, file.resourceFieldRef, true);
  } else {
    errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  checkFileMode(errors, `${path}.mode`, file.mode);
}
