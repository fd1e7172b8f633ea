/** Rules for a container's environment and for the fields of the pod that it and volumes may refer to. */

import { type FieldError, invalid, notSupported, required } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import {
  validateConfigMapKey,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateQualifiedName,
  validateRelaxedEnvVarName,
} from '../../../../apimachinery/validation/index.ts';
import { canonicalAmount } from '../../amounts.ts';
import { refuseBacksteps } from '../../paths.ts';
import { reportEach, requireText } from '../../report.ts';
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../../types.ts';

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields that exist for downward API purposes at all; each use allows some of them. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  'metadata.annotations',
  'metadata.labels',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.host',
  'status.phase',
]);
const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
];
const HUGE_PAGES_FIELD = /^(?:limits|requests)\.hugepages-/;
const SUBSCRIPTED = /^([^[]+)\['(.*)'\]$/s;

const CPU_DIVISORS: ReadonlySet<string> = new Set(['1m', '1']);
const BYTE_DIVISORS: readonly string[] = '1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei'.split(' ');

/** Checks the variables of a container. */
export function validateEnv(
  errors: FieldError[],
  path: string,
  variables: DeepReadonly<EnvVar[]> | undefined,
): void {
  variables?.forEach((variable, index) => {
    const at = `${path}[${index}]`;
    if (!variable.name) errors.push(required(`${at}.name`));
    else reportEach(errors, `${at}.name`, variable.name, validateRelaxedEnvVarName(variable.name));
    if (variable.valueFrom) validateValueFrom(errors, `${at}.valueFrom`, variable.valueFrom, variable.value);
  });
}

function validateValueFrom(
  errors: FieldError[],
  path: string,
  from: DeepReadonly<EnvVarSource>,
  value: string | undefined,
): void {
  let sources = 0;
  if (from.fieldRef) {
    sources++;
    validateFieldRef(errors, `${path}.fieldRef`, from.fieldRef, ENV_FIELDS);
  }
  if (from.resourceFieldRef) {
    sources++;
    validateResourceFieldRef(errors, `${path}.resourceFieldRef`, from.resourceFieldRef, false);
  }
  if (from.configMapKeyRef) {
    sources++;
    validateKeyRef(errors, `${path}.configMapKeyRef`, from.configMapKeyRef);
  }
  if (from.secretKeyRef) {
    sources++;
    validateKeyRef(errors, `${path}.secretKeyRef`, from.secretKeyRef);
  }
  if (from.fileKeyRef) {
    sources++;
    validateFileKeyRef(errors, `${path}.fileKeyRef`, from.fileKeyRef);
  }
  if (sources === 0) {
    const choices = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(path, '', `must specify one of: ${choices}`));
  } else if (value) {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
}

/** Checks a reference to a field of the pod; `allowed` are the fields that may be named without a subscript. */
export function validateFieldRef(
  errors: FieldError[],
  path: string,
  ref: DeepReadonly<ObjectFieldSelector>,
  allowed: readonly string[],
): void {
  if (!ref.apiVersion) {
    errors.push(required(`${path}.apiVersion`));
    return;
  }
  if (!ref.fieldPath) {
    errors.push(required(`${path}.fieldPath`));
    return;
  }
  const wrong = unknownField(ref.apiVersion, ref.fieldPath);
  if (wrong !== undefined) {
    errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${wrong}`));
    return;
  }
  const [, map, key = ''] = SUBSCRIPTED.exec(ref.fieldPath) ?? [];
  if (map !== undefined) {
    const name = map === 'metadata.annotations' ? key.toLowerCase() : key;
    reportEach(errors, path, name, validateQualifiedName(name));
    return;
  }
  const field = ref.fieldPath === 'spec.host' ? 'spec.nodeName' : ref.fieldPath;
  if (!allowed.includes(field)) errors.push(notSupported(`${path}.fieldPath`, field, allowed));
}

function unknownField(version: string, field: string): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  const [, map] = SUBSCRIPTED.exec(field) ?? [];
  if (map !== undefined) {
    return map === 'metadata.annotations' || map === 'metadata.labels'
      ? undefined
      : `field label does not support subscript: ${field}`;
  }
  return KNOWN_FIELDS.has(field) ? undefined : `field label not supported: ${field}`;
}

/** Checks a reference to a container's resources; in a volume the container must be named. */
export function validateResourceFieldRef(
  errors: FieldError[],
  path: string,
  ref: DeepReadonly<ResourceFieldSelector>,
  inVolume: boolean,
): void {
  const resource = ref.resource ?? '';
  if (inVolume && !ref.containerName) errors.push(required(`${path}.containerName`));
  else if (resource === '') errors.push(required(`${path}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !HUGE_PAGES_FIELD.test(resource)) {
    errors.push(notSupported(`${path}.resource`, resource, RESOURCE_FIELDS));
  }
  const divisor = ref.divisor === undefined ? '0' : canonicalAmount(ref.divisor);
  if (divisor !== '0') validateDivisor(errors, `${path}.divisor`, resource, divisor);
}

function validateDivisor(errors: FieldError[], path: string, resource: string, divisor: string): void {
  if (resource.endsWith('.cpu')) {
    if (!CPU_DIVISORS.has(divisor)) {
      errors.push(
        invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource"),
      );
    }
    return;
  }
  const what = bytesNamed(resource);
  if (what !== undefined && !BYTE_DIVISORS.includes(divisor)) {
    const choices = BYTE_DIVISORS.join(', ');
    errors.push(
      invalid(path, resource, `only divisor's values ${choices} are supported with the ${what} resource`),
    );
  }
}

function bytesNamed(resource: string): string | undefined {
  if (HUGE_PAGES_FIELD.test(resource)) return 'hugepages';
  if (/^(?:limits|requests)\.memory$/.test(resource)) return 'memory';
  if (/^(?:limits|requests)\.ephemeral-storage$/.test(resource)) return 'local ephemeral storage';
  return undefined;
}

function validateKeyRef(
  errors: FieldError[],
  path: string,
  ref: DeepReadonly<{ name?: string; key: string }>,
): void {
  reportEach(errors, `${path}.name`, ref.name ?? '', validateDns1123Subdomain(ref.name ?? ''));
  if (!ref.key) errors.push(required(`${path}.key`));
  else reportEach(errors, `${path}.key`, ref.key, validateConfigMapKey(ref.key));
}

function validateFileKeyRef(
  errors: FieldError[],
  path: string,
  ref: DeepReadonly<NonNullable<EnvVarSource['fileKeyRef']>>,
): void {
  requireText(errors, `${path}.key`, ref.key);
  if (ref.key) reportEach(errors, `${path}.key`, ref.key, validateRelaxedEnvVarName(ref.key));
  requireText(errors, `${path}.volumeName`, ref.volumeName);
  if (ref.volumeName) {
    reportEach(errors, `${path}.volumeName`, ref.volumeName, validateDns1123Label(ref.volumeName));
  }
  requireText(errors, `${path}.path`, ref.path);
  if (ref.path) refuseBacksteps(errors, `${path}.path`, ref.path);
}

/** Checks the maps that a container takes all its variables from. */
export function validateEnvFrom(
  errors: FieldError[],
  path: string,
  sources: DeepReadonly<EnvFromSource[]> | undefined,
): void {
  sources?.forEach((source, index) => {
    const at = `${path}[${index}]`;
    if (source.prefix) {
      reportEach(errors, `${at}.prefix`, source.prefix, validateRelaxedEnvVarName(source.prefix));
    }
    if (source.configMapRef) validateMapName(errors, `${at}.configMapRef.name`, source.configMapRef.name);
    if (source.secretRef) validateMapName(errors, `${at}.secretRef.name`, source.secretRef.name);
    if (!source.configMapRef && !source.secretRef) {
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (source.configMapRef && source.secretRef) {
      errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
    }
  });
}

/** A trailing dash is let through, as upstream checks these names like the beginning of a generated one. */
function validateMapName(errors: FieldError[], path: string, name: string | undefined): void {
  if (!name) errors.push(required(path));
  else reportEach(errors, path, name, validateDns1123Subdomain(name.replace(/(?<=.)-$/, 'a')));
}
