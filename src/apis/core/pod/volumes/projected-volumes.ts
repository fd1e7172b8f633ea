/**
 * Rules for volumes that are put together from several sources. Trust bundles and pod certificates never get here: they
 * are behind feature gates that are off in 1.36, and defaulting drops them.
 */
import { type FieldError, forbidden, invalid } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { checkFileMode, requireLocal } from '../../paths.ts';
import { requireText } from '../../report.ts';
import type {
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateDownwardFile } from './downward-files.ts';
import { validateKeyToPath } from './key-to-path.ts';

const CONFLICT = 'conflicting duplicate paths';
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;
const SOURCES = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const;

/** Checks all the sources, and that no two of them write the same path. */
export function validateProjected(
  errors: FieldError[],
  path: string,
  volume: DeepReadonly<ProjectedVolumeSource>,
  options: PodValidationOptions,
): void {
  checkFileMode(errors, `${path}.defaultMode`, volume.defaultMode);
  const claims = new PathClaims(errors, path);
  volume.sources?.forEach((source, index) => {
    const at = `${path}.sources[${index}]`;
    validateMaps(errors, at, source, claims);
    if (source.serviceAccountToken) validateToken(errors, path, at, source.serviceAccountToken, options);
    if (SOURCES.filter((name) => source[name]).length > 1) {
      errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
    }
  });
}

/** The paths that the sources seen so far write. */
class PathClaims {
  readonly #taken = new Set<string>();
  readonly #errors: FieldError[];
  readonly #path: string;

  constructor(errors: FieldError[], path: string) {
    this.#errors = errors;
    this.#path = path;
  }

  /** Takes `file`, or adds an error that shows `shown` when it is taken already. */
  claim(file: string, shown = file): void {
    if (this.#taken.has(file)) this.#errors.push(invalid(this.#path, shown, CONFLICT));
    this.#taken.add(file);
  }
}

function validateMaps(
  errors: FieldError[],
  path: string,
  source: DeepReadonly<VolumeProjection>,
  claims: PathClaims,
): void {
  for (const name of ['secret', 'configMap'] as const) {
    const map = source[name];
    if (!map) continue;
    requireText(errors, `${path}.${name}.name`, map.name);
    map.items?.forEach((item, index) => {
      validateKeyToPath(errors, `${path}.${name}.items[${index}]`, item);
      if (item.path) claims.claim(item.path, map.name ?? '');
    });
  }
  for (const file of source.downwardAPI?.items ?? []) {
    validateDownwardFile(errors, `${path}.downwardAPI`, file);
    if (file.path) claims.claim(file.path);
  }
}

function validateToken(
  errors: FieldError[],
  volumePath: string,
  path: string,
  token: DeepReadonly<ServiceAccountTokenProjection>,
  options: PodValidationOptions,
): void {
  const seconds = token.expirationSeconds ?? 0;
  const at = `${path}.serviceAccountToken.expirationSeconds`;
  if (seconds < TOKEN_SECONDS_MIN) {
    errors.push(invalid(at, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > TOKEN_SECONDS_MAX) {
    errors.push(invalid(at, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  requireText(errors, `${volumePath}.path`, token.path);
  if (token.path && !options.anyTokenPath) requireLocal(errors, `${volumePath}.path`, token.path);
}

/** Whether stored volumes write a token to a path that breaks today's rules. */
export function breaksTokenPath(volumes: DeepReadonly<Volume[]> | undefined): boolean {
  const errors: FieldError[] = [];
  for (const volume of volumes ?? []) {
    for (const { serviceAccountToken } of volume.projected?.sources ?? []) {
      if (serviceAccountToken) requireLocal(errors, '', serviceAccountToken.path ?? '');
    }
  }
  return errors.length > 0;
}
