import type { ApiRequest } from '../../apimachinery/api-request.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../apimachinery/field-error.ts';
import { newInvalid } from '../../apimachinery/status-error.ts';
import type { Parameters } from './parameters.ts';

/** The query of a request. */
export type Query = Pick<ApiRequest, 'parameters' | 'repeated'>;

/** What the parameters of create, update and patch ask for. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Apply patches only: take over fields that others manage. */
  readonly force: boolean;
}

/** A write without any option. */
export const PLAIN_WRITE: WriteOptions = {
  dryRun: false,
  fieldManager: '',
  fieldValidation: 'Warn',
  force: false,
};

/** Bytes that a field manager's name has at most, as upstream limits it. */
export const FIELD_MANAGER_BYTES_MAX = 128;

/** Reads and checks CreateOptions, UpdateOptions or PatchOptions; throws their 422. `apply`: the patch is an apply patch. */
export function writeOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  { parameters, repeated }: Query,
  apply = false,
): WriteOptions {
  if (parameters === undefined) {
    if (!apply) return PLAIN_WRITE;
    throw newInvalid('meta.k8s.io', kind, '', [required('fieldManager', 'is required for apply patch')]);
  }
  const { fieldManager = '', fieldValidation = '' } = parameters;
  const dryRun = dryRunValues(parameters, repeated);
  const errors: FieldError[] = [];
  const force = parameters['force'];
  if (kind === 'PatchOptions') {
    if (apply && fieldManager === '') {
      errors.push(required('fieldManager', 'is required for apply patch'));
    } else if (!apply && force !== undefined && force !== '') {
      errors.push(forbidden('force', 'may not be specified for non-apply patch'));
    }
  }
  errors.push(...fieldManagerErrors(fieldManager), ...dryRunErrors(dryRun));
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw newInvalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: fieldValidation === 'Ignore' || fieldValidation === 'Strict' ? fieldValidation : 'Warn',
    force: force === 'true' || force === '1',
  };
}

/** What a query says of `dryRun`, which may stand in it more than once. */
export function dryRunValues(parameters: Parameters, repeated: Query['repeated']): readonly string[] {
  const { dryRun } = parameters;
  return repeated?.['dryRun'] ?? (dryRun === undefined ? [] : [dryRun]);
}

/** What is wrong with the values of `dryRun`. */
export function dryRunErrors(dryRun: readonly string[]): readonly FieldError[] {
  return dryRun.every((each) => each === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])];
}

function fieldManagerErrors(manager: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > FIELD_MANAGER_BYTES_MAX) {
    errors.push(tooLong('fieldManager', FIELD_MANAGER_BYTES_MAX));
  }
  let position = 0;
  for (const letter of manager) {
    if (/[\p{C}\p{Z}]/u.test(letter) && letter !== ' ') {
      const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid('fieldManager', manager, `invalid character U+${code} (at position ${position})`));
    }
    position += Buffer.byteLength(letter);
  }
  return errors;
}
