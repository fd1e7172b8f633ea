import { type FieldError, forbidden, tooLong } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type MetadataErrors, SOUND_METADATA } from '../../apimachinery/validation/index.ts';
import { base64Bytes, DATA_BYTES_MAX, refuseSharedKeys, textBytes, validateKeys } from './keyed-data.ts';
import { sameMeaning } from './semantic-equality.ts';
import type { ConfigMap } from './types.ts';

const IMMUTABLE = 'field is immutable when `immutable` is set';

/** An empty map is written as none. */
export function applyConfigMapDefaults(map: ConfigMap): void {
  for (const field of ['data', 'binaryData'] as const) {
    if (map[field] && Object.keys(map[field]).length === 0) delete map[field];
  }
}

/** Checks a ConfigMap. */
export function validateConfigMap(map: DeepReadonly<ConfigMap>): FieldError[] {
  const errors: FieldError[] = [];
  const { data, binaryData } = map;
  validateKeys(errors, 'data', data);
  refuseSharedKeys(errors, 'data', data, binaryData);
  validateKeys(errors, 'binaryData', binaryData);
  if (textBytes(data) + base64Bytes(binaryData) > DATA_BYTES_MAX) errors.push(tooLong('[]', DATA_BYTES_MAX));
  return errors;
}

/** Checks an update: once a map is immutable it stays so, with its content. */
export function validateConfigMapUpdate(
  map: DeepReadonly<ConfigMap>,
  old: DeepReadonly<ConfigMap>,
  metadata: MetadataErrors = SOUND_METADATA,
): FieldError[] {
  const errors = [...metadata.change];
  if (old.immutable) {
    if (!map.immutable) errors.push(forbidden('immutable', IMMUTABLE));
    for (const field of ['data', 'binaryData'] as const) {
      if (!sameMeaning(map[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, IMMUTABLE));
    }
  }
  return [...errors, ...metadata.object, ...validateConfigMap(map)];
}
