/** Rules for maps of keys to bytes, which ConfigMaps and Secrets are. */
import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import { validateConfigMapKey } from '../../apimachinery/validation/index.ts';
import { reportEach } from './report.ts';

type Data = Readonly<Record<string, string>>;

/** Bytes of all values together: what one object may hold. */
export const DATA_BYTES_MAX = 1024 * 1024;

/** Checks the keys. */
export function validateKeys(errors: FieldError[], path: string, data: Data | undefined): void {
  for (const key in data) reportEach(errors, `${path}[${key}]`, key, validateConfigMapKey(key));
}

/** Refuses keys that stand in the other map as well. */
export function refuseSharedKeys(
  errors: FieldError[],
  path: string,
  data: Data | undefined,
  binaryData: Data | undefined,
): void {
  if (!binaryData) return;
  for (const key in data) {
    if (binaryData[key] === undefined) continue;
    errors.push(invalid(`${path}[${key}]`, key, 'duplicate of key present in binaryData'));
  }
}

/** Bytes of the values of a map of texts. */
export function textBytes(data: Data | undefined): number {
  let total = 0;
  for (const key in data) total += Buffer.byteLength(data[key] ?? '');
  return total;
}

/** Bytes of the values of a map of base64. */
export function base64Bytes(data: Data | undefined): number {
  let total = 0;
  for (const key in data) total += Buffer.byteLength(data[key] ?? '', 'base64');
  return total;
}
