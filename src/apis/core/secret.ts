import { type FieldError, forbidden, invalid, required, tooLong } from '../../apimachinery/field-error.ts';
import { goJsonError } from '../../apimachinery/go-json-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type MetadataErrors, SOUND_METADATA } from '../../apimachinery/validation/index.ts';
import { base64Bytes, DATA_BYTES_MAX, validateKeys } from './keyed-data.ts';
import { sameMeaning } from './semantic-equality.ts';
import { pairFault } from './tls-pair.ts';
import type { Secret } from './types.ts';

type AnySecret = DeepReadonly<Secret>;
const IMMUTABLE = 'field is immutable when `immutable` is set';
/** Names the account of a secret that holds a token. */
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** Fills in the type, and writes texts among the bytes, over what stands there. */
export function applySecretDefaults(secret: Secret): void {
  secret.type ||= 'Opaque';
  const { stringData } = secret;
  if (stringData) {
    const data = secret.data ?? {};
    for (const key in stringData) data[key] = Buffer.from(stringData[key] ?? '').toString('base64');
    secret.data = data;
    delete secret.stringData;
  }
  if (secret.data && Object.keys(secret.data).length === 0) delete secret.data;
}

/** Checks a secret, and that it holds what its type promises. */
export function validateSecret(secret: AnySecret): FieldError[] {
  const errors: FieldError[] = [];
  validateKeys(errors, 'data', secret.data);
  if (base64Bytes(secret.data) > DATA_BYTES_MAX) errors.push(tooLong('data', DATA_BYTES_MAX));
  const data = secret.data ?? {};
  const needs = (...keys: string[]): void => {
    for (const key of keys) if (data[key] === undefined) errors.push(required(`data[${key}]`));
  };
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      if (!secret.metadata.annotations?.[ACCOUNT_NAME]) {
        errors.push(required(`metadata.annotations[${ACCOUNT_NAME}]`));
      }
      break;
    case 'kubernetes.io/dockercfg':
      validateJson(errors, '.dockercfg', data);
      break;
    case 'kubernetes.io/dockerconfigjson':
      validateJson(errors, '.dockerconfigjson', data);
      break;
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) needs('username', 'password');
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'));
      break;
    case 'kubernetes.io/tls':
      needs('tls.crt', 'tls.key');
      break;
  }
  return errors;
}

function validateJson(errors: FieldError[], key: string, data: Readonly<Record<string, string>>): void {
  const bytes = data[key];
  if (bytes === undefined) {
    errors.push(required(`data[${key}]`));
    return;
  }
  const text = Buffer.from(bytes, 'base64').toString();
  const wrong = jsonObjectError(text);
  if (wrong !== undefined) errors.push(invalid(`data[${key}]`, '<secret contents redacted>', wrong));
}

/** What Go says of a text that is no JSON object, in the cases that occur. */
function jsonObjectError(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return goJsonError(text);
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

/** Checks an update: the type never changes, and of an immutable secret nothing does. */
export function validateSecretUpdate(
  secret: AnySecret,
  old: AnySecret,
  metadata: MetadataErrors = SOUND_METADATA,
): FieldError[] {
  const errors = [...metadata.change];
  if (secret.type !== old.type) errors.push(invalid('type', secret.type, 'field is immutable'));
  if (old.immutable) {
    if (!secret.immutable) errors.push(forbidden('immutable', IMMUTABLE));
    if (!sameMeaning(secret.data ?? {}, old.data ?? {})) errors.push(forbidden('data', IMMUTABLE));
  }
  return [...errors, ...metadata.object, ...validateSecret(secret)];
}

/** Warns of a certificate and a key that are no pair. */
export function secretWarnings({ type, data = {} }: AnySecret): readonly string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('latin1');
  const fault = pairFault(text('tls.crt'), text('tls.key'));
  return fault === undefined ? [] : [fault];
}
