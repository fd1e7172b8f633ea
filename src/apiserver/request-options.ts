import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../apimachinery/field-error.ts';
import {
  type FieldMatcher,
  type LabelMatcher,
  parseFieldSelector,
  parseLabelSelector,
} from '../apimachinery/selectors/index.ts';
import { newBadRequest, newInvalid, type StatusError } from '../apimachinery/status-error.ts';

/** Query parameters by wire name. */
export type Parameters = Readonly<Record<string, string>>;

const NONE: Parameters = {};

/** The parameters of a request, empty when it has none. */
export function parametersOf(request: { readonly parameters?: Parameters }): Parameters {
  return request.parameters ?? NONE;
}

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

/** Bytes of a field manager's name, as upstream limits it. */
const FIELD_MANAGER_BYTES_MAX = 128;

/** Reads and checks CreateOptions, UpdateOptions or PatchOptions; throws their 422. `apply`: the patch is an apply patch. */
export function writeOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  parameters: Parameters | undefined,
  apply = false,
): WriteOptions {
  if (parameters === undefined) {
    if (!apply) return PLAIN_WRITE;
    throw newInvalid('meta.k8s.io', kind, '', [required('fieldManager', 'is required for apply patch')]);
  }
  const { dryRun = '', fieldManager = '', fieldValidation = '' } = parameters;
  const errors: FieldError[] = [];
  const force = parameters['force'];
  if (kind === 'PatchOptions') {
    if (apply && fieldManager === '') {
      errors.push(required('fieldManager', 'is required for apply patch'));
    } else if (!apply && force !== undefined && force !== '') {
      errors.push(forbidden('force', 'may not be specified for non-apply patch'));
    }
  }
  errors.push(...fieldManagerErrors(fieldManager), ...dryRunErrors(dryRun === '' ? [] : [dryRun]));
  if (!['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)) {
    errors.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw newInvalid('meta.k8s.io', kind, '', errors);
  return {
    dryRun: dryRun === 'All',
    fieldManager,
    fieldValidation: fieldValidation === 'Ignore' || fieldValidation === 'Strict' ? fieldValidation : 'Warn',
    force: force === 'true' || force === '1',
  };
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

/** A parameter that is a whole number, undefined when absent; throws 400 as upstream's decoder words it. */
export function integerParameter(parameters: Parameters, name: string): number | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const refused = (why: string): StatusError =>
    newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw refused('invalid syntax');
  const value = Number(text);
  if (value >= 2 ** 63 || value < -(2 ** 63)) throw refused('value out of range');
  return value;
}

/** What a list or a watch is to choose by. */
export interface ListSelectors {
  readonly labels: LabelMatcher;
  readonly fields: FieldMatcher;
}

/**
 * Reads what a list or a watch is asked with, and answers its selectors. Throws the 400 of what cannot be read: upstream's
 * decoder goes through all of it, in this order, before anything is checked.
 */
export function readListParameters(parameters: Parameters): ListSelectors {
  const { labelSelector = '', fieldSelector = '' } = parameters;
  const selectors = { labels: parseLabelSelector(labelSelector), fields: parseFieldSelector(fieldSelector) };
  for (const name of ['timeoutSeconds', 'limit']) integerParameter(parameters, name);
  return selectors;
}

/** A parameter that is a boolean, undefined when absent. As upstream, anything but `false` and `0` is true. */
export function booleanParameter(parameters: Parameters, name: string): boolean | undefined {
  const text = parameters[name];
  if (text === undefined) return undefined;
  const lower = text.toLowerCase();
  return !(lower === 'false' || lower === '0');
}
