/** Rules for pods and pod templates as a whole. The rules of each part are in a file of its own. */
import {
  type FieldError,
  forbidden,
  invalid,
  notFound,
  required,
} from '../../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import {
  validateAnnotations,
  validateDns1123Subdomain,
  validateLabels,
  validateQualifiedName,
} from '../../../apimachinery/validation/index.ts';
import { reportEach, requireOneOf } from '../report.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { validatePodAnnotations, validateProfilesMatch } from './annotations.ts';
import {
  refuseImagePadding,
  validateContainers,
  validateEphemeralContainers,
  validateInitContainers,
} from './containers/containers.ts';
import { eachContainer } from './containers/each-container.ts';
import { validateHostNetworkPorts } from './containers/ports.ts';
import { validateOverhead, validatePodLevelResources } from './containers/resources.ts';
import { validatePodSecurity } from './containers/security-context.ts';
import {
  validateDnsConfig,
  validateHostAliases,
  validateHostNames,
  validateHostnameOverride,
} from './names-and-addresses.ts';
import { validateAffinity } from './scheduling/affinity.ts';
import { claimNames, validatePodClaims } from './scheduling/resource-claims.ts';
import { validateSchedulingGates } from './scheduling/scheduling-gates.ts';
import { validateTolerations } from './scheduling/tolerations.ts';
import { validateTopologySpread } from './scheduling/topology-spread.ts';
import { type PodValidationOptions, STRICT_POD, STRICT_TEMPLATE } from './validation-options.ts';
import { validateVolumes } from './volumes/volumes.ts';
import { validateHostProcess, validateOperatingSystem } from './windows.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PREEMPTION_POLICIES = ['PreemptLowerPriority', 'Never'];
const INT32_MAX = 2 ** 31 - 1;

/** Checks a new pod after defaulting and admission. Metadata is checked by the server, but for the annotations that mean something here. */
export function validatePodCreate(
  pod: DeepReadonly<Pod>,
  options: PodValidationOptions = STRICT_POD,
): FieldError[] {
  const errors: FieldError[] = [];
  validatePod(errors, pod, options);
  const { spec, metadata } = pod;
  if (spec.ephemeralContainers?.length) {
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  }
  if (spec.nodeName && spec.schedulingGates?.length) {
    const rule = 'cannot be set until all schedulingGates have been cleared';
    errors.push(forbidden('spec.nodeName', rule));
  }
  validateProfilesMatch(errors, 'spec', metadata.annotations, spec);
  return errors;
}

/** The rules that hold for a pod at any time. */
export function validatePod(
  errors: FieldError[],
  pod: DeepReadonly<Pod>,
  options: PodValidationOptions,
): void {
  const { spec, metadata } = pod;
  validatePodAnnotations(errors, 'metadata.annotations', metadata.annotations, spec, options);
  validateSpec(errors, 'spec', spec, metadata, options);
  if (!spec.serviceAccountName) refuseTokens(errors, spec);
  spec.containers?.forEach((container, index) => {
    refuseImagePadding(errors, `spec.containers[${index}]`, container);
  });
  spec.initContainers?.forEach((container, index) => {
    refuseImagePadding(errors, `spec.initContainers[${index}]`, container);
  });
}

function refuseTokens(errors: FieldError[], spec: DeepReadonly<PodSpec>): void {
  spec.volumes?.forEach((volume, index) => {
    volume.projected?.sources?.forEach((source, position) => {
      if (!source.serviceAccountToken) return;
      const at = `spec.volumes[${index}].projected.sources[${position}].serviceAccountToken`;
      errors.push(forbidden(at, 'must not be specified when serviceAccountName is not set'));
    });
  });
}

/** Checks a pod template after defaulting; `path` is its own, such as `spec.template`. */
export function validatePodTemplateSpec(
  template: DeepReadonly<PodTemplateSpec>,
  path: string,
  options: PodValidationOptions = STRICT_TEMPLATE,
): FieldError[] {
  const errors: FieldError[] = [];
  const { labels, annotations } = template.metadata ?? {};
  const spec = template.spec ?? { containers: [] };
  if (labels) errors.push(...validateLabels(labels, `${path}.labels`));
  if (annotations) errors.push(...validateAnnotations(annotations, `${path}.annotations`));
  validatePodAnnotations(errors, `${path}.annotations`, annotations, spec, options);
  validateSpec(errors, `${path}.spec`, spec, undefined, options);
  validateProfilesMatch(errors, `${path}.spec`, annotations, spec);
  if (spec.ephemeralContainers?.length) {
    const rule = 'ephemeral containers not allowed in pod template';
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, rule));
  }
  return errors;
}

function validateSpec(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  metadata: DeepReadonly<Partial<ApiObject['metadata']>> | undefined,
  options: PodValidationOptions,
): void {
  const graceSeconds = spec.terminationGracePeriodSeconds;
  if (graceSeconds == null) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(errors, `${path}.volumes`, spec.volumes, metadata, options);
  validatePodClaims(errors, `${path}.resourceClaims`, spec, metadata);
  const surroundings = { spec, volumes, claims: claimNames(spec), options, graceSeconds };
  validateContainers(errors, `${path}.containers`, surroundings);
  validateInitContainers(errors, `${path}.initContainers`, surroundings);
  validateEphemeralContainers(errors, `${path}.ephemeralContainers`, surroundings);
  validatePodLevelResources(errors, `${path}.resources`, spec, options);
  validateHostNetworkPorts(errors, path, spec, options.isPod);
  requireOneOf(errors, `${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  requireOneOf(errors, `${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  if (spec.nodeSelector) errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  validatePodSecurity(errors, `${path}.securityContext`, spec, options);
  validateAffinity(errors, `${path}.affinity`, spec.affinity, options);
  validateDnsConfig(errors, `${path}.dnsConfig`, spec);
  spec.readinessGates?.forEach(({ conditionType }, index) => {
    const at = `${path}.readinessGates[${index}].conditionType`;
    reportEach(errors, at, conditionType ?? '', validateQualifiedName(conditionType ?? ''));
  });
  validateSchedulingGates(errors, `${path}.schedulingGates`, spec.schedulingGates);
  validateTopologySpread(
    errors,
    `${path}.topologySpreadConstraints`,
    spec.topologySpreadConstraints,
    options,
  );
  validateHostProcess(errors, path, spec);
  validateOwnUsers(errors, path, spec, options);
  validateHostnameOverride(errors, `${path}.hostnameOverride`, spec);
  validateReferences(errors, path, spec);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline != null && (deadline < 1 || deadline > INT32_MAX)) {
    const rule = `must be between 1 and ${INT32_MAX}, inclusive`;
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, rule));
  }
  validateHostNames(errors, path, spec);
  validateTolerations(errors, `${path}.tolerations`, spec.tolerations, options);
  validateHostAliases(errors, `${path}.hostAliases`, spec);
  validateClasses(errors, path, spec);
  if (spec.overhead) validateOverhead(errors, `${path}.overhead`, spec.overhead, options);
  validateOperatingSystem(errors, path, spec);
  validateEnvFiles(errors, path, spec);
}

function validateReferences(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  for (const field of ['serviceAccountName', 'nodeName'] as const) {
    const name = spec[field];
    if (name) reportEach(errors, `${path}.${field}`, name, validateDns1123Subdomain(name));
  }
}

function validateClasses(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  const { priorityClassName, runtimeClassName, preemptionPolicy } = spec;
  if (priorityClassName) {
    reportEach(
      errors,
      `${path}.priorityClassName`,
      priorityClassName,
      validateDns1123Subdomain(priorityClassName),
    );
  }
  if (runtimeClassName != null) {
    reportEach(
      errors,
      `${path}.runtimeClassName`,
      runtimeClassName,
      validateDns1123Subdomain(runtimeClassName),
    );
  }
  if (preemptionPolicy != null) {
    requireOneOf(errors, `${path}.preemptionPolicy`, preemptionPolicy, PREEMPTION_POLICIES);
  }
}

/** A pod with a user namespace of its own cannot share other namespaces with the host, nor use raw devices. */
function validateOwnUsers(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  options: PodValidationOptions,
): void {
  if (spec.hostUsers !== false) return;
  const rule = 'when `hostUsers` is false';
  if (spec.hostNetwork && !options.userNamespaceWithHostNetwork) {
    errors.push(forbidden(`${path}.hostNetwork`, rule));
  }
  if (spec.hostPID) errors.push(forbidden(`${path}.HostPID`, rule));
  if (spec.hostIPC) errors.push(forbidden(`${path}.HostIPC`, rule));
  if (options.userNamespaceWithDevices) return;
  eachContainer(spec, path, (container, at) => {
    if (container.volumeDevices?.length) errors.push(forbidden(`${at}.volumeDevices`, rule));
  });
}

/** Variables are read from files of emptyDir volumes only, for an init container must have written them (KEP-3721). */
function validateEnvFiles(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  const volumes = new Map(spec.volumes?.map((volume) => [volume.name, volume]));
  eachContainer(spec, path, (container, at) => {
    container.env?.forEach((variable, index) => {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) return;
      const where = `${at}.env[${index}].valueFrom.fileKeyRef.volumeName`;
      const volume = volumes.get(name);
      if (!volume) errors.push(notFound(where, name));
      else if (!volume.emptyDir) {
        errors.push(invalid(where, name, 'referenced volume must be of type emptyDir'));
      }
    });
  });
}
