/** Rules for containers: the application's own, those that prepare the pod, and those added to look into it. */
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { isGivenEmpty } from '../../../../apimachinery/schema/index.ts';
import { validateDns1123Label } from '../../../../apimachinery/validation/index.ts';
import { reportEach, requireOneOf } from '../../report.ts';
import type { Container, EphemeralContainer, PodSpec } from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { type VolumesByName, validateDevices, validateMounts } from './mounts.ts';
import { refuseHostPortConflicts, validateContainerPorts } from './ports.ts';
import { type HandlerSurroundings, validateProbesAndLifecycle } from './probes.ts';
import { validateContainerResources } from './resources.ts';
import { validateResizePolicy, validateRestartRules } from './restart-rules.ts';
import { validateContainerSecurity } from './security-context.ts';

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const ONLY_SIDECARS = 'may not be set for init containers without restartPolicy=Always';
const PROBES = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** What the containers of one pod share. */
export interface ContainerSurroundings extends HandlerSurroundings {
  readonly spec: DeepReadonly<PodSpec>;
  readonly volumes: VolumesByName;
  readonly claims: ReadonlySet<string>;
  readonly options: PodValidationOptions;
}

/** Checks the containers of an application. */
export function validateContainers(
  errors: FieldError[],
  path: string,
  surroundings: ContainerSurroundings,
): void {
  const containers = surroundings.spec.containers ?? [];
  if (containers.length === 0) {
    errors.push(required(path));
    return;
  }
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, at, container, surroundings);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    validateProbesAndLifecycle(errors, at, container, surroundings);
    validateRestartRules(errors, at, container, false);
  });
  refuseHostPortConflicts(errors, path, containers);
}

/** Checks the containers that run before, or as sidecars beside, the application's. */
export function validateInitContainers(
  errors: FieldError[],
  path: string,
  surroundings: ContainerSurroundings,
): void {
  const { spec, options } = surroundings;
  if (!spec.initContainers) return;
  const names = new Set(spec.containers?.map((container) => container.name));
  spec.initContainers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, at, container, surroundings);
    validateRestartRules(errors, at, container, true);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    if (container.name) names.add(container.name);
    refuseHostPortConflicts(errors, path, [container]);
    if (container.restartPolicy === 'Always') {
      validateProbesAndLifecycle(errors, at, container, surroundings);
      return;
    }
    for (const field of PROBES) {
      if (container[field]) errors.push(forbidden(`${at}.${field}`, ONLY_SIDECARS));
    }
    if (options.restartContainerOnInitResize) return;
    container.resizePolicy?.forEach((policy, position) => {
      if (policy.restartPolicy !== 'RestartContainer') return;
      errors.push(
        invalid(
          `${at}.resizePolicy[${position}].restartPolicy`,
          policy.restartPolicy,
          "must not be set to 'RestartContainer' for non-sidecar initContainers",
        ),
      );
    });
  });
}

/** Fields that a container added to a running pod may not have, in upstream's order. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

/** Checks the containers that were added to a running pod. */
export function validateEphemeralContainers(
  errors: FieldError[],
  path: string,
  surroundings: ContainerSurroundings,
): void {
  const { spec } = surroundings;
  if (!spec.ephemeralContainers) return;
  const lasting = new Set(
    [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((each) => each.name),
  );
  const names = new Set(lasting);
  spec.ephemeralContainers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, at, container, surroundings);
    refuseImagePadding(errors, at, container);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !lasting.has(target)) errors.push(notFound(`${at}.targetContainerName`, target));
    for (const field of NOT_EPHEMERAL) {
      // Upstream takes a list that is there, though empty, for set.
      if (isSet(field, container[field]) || isGivenEmpty(container, field)) {
        errors.push(forbidden(`${at}.${field}`, 'cannot be set for an Ephemeral Container'));
      }
    }
    container.volumeMounts?.forEach((mount, position) => {
      for (const field of ['subPath', 'subPathExpr'] as const) {
        if (!mount[field]) continue;
        const where = `${at}.volumeMounts[${position}].${field}`;
        errors.push(forbidden(where, 'cannot be set for an Ephemeral Container'));
      }
    });
  });
}

/** `resources: {}` is what defaulting leaves behind, not something asked for; anything else is, empty or not. */
function isSet(field: string, value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (field !== 'resources' || Object.keys(value).length > 0) return true;
  return ['claims', 'limits', 'requests'].some((each) => isGivenEmpty(value, each));
}

/** A pod's image may not begin or end in white space; a template's may, as images were once filled in later. */
export function refuseImagePadding(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<Container | EphemeralContainer>,
): void {
  const image = container.image ?? '';
  if (image.trim() !== image) {
    errors.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
}

function validateCommon(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<Container>,
  surroundings: ContainerSurroundings,
): void {
  const { spec, volumes, claims, options } = surroundings;
  if (!container.name) errors.push(required(`${path}.name`));
  else reportEach(errors, `${path}.name`, container.name, validateDns1123Label(container.name));
  if (!container.image) errors.push(required(`${path}.image`));
  requireOneOf(
    errors,
    `${path}.terminationMessagePolicy`,
    container.terminationMessagePolicy,
    MESSAGE_POLICIES,
  );
  validateContainerPorts(errors, `${path}.ports`, container.ports);
  validateEnv(errors, `${path}.env`, container.env);
  validateEnvFrom(errors, `${path}.envFrom`, container.envFrom);
  validateMounts(errors, `${path}.volumeMounts`, container, volumes);
  validateDevices(errors, `${path}.volumeDevices`, container, volumes);
  requireOneOf(errors, `${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  validateContainerResources(errors, `${path}.resources`, container.resources, claims, options);
  validateResizePolicy(errors, `${path}.resizePolicy`, container.resizePolicy, spec.restartPolicy);
  const sharesUsers = spec.hostUsers !== false;
  validateContainerSecurity(errors, `${path}.securityContext`, container.securityContext, sharesUsers);
}
