/** Rules for a pod's status. The spec was checked when it was written and is not looked at again. */
import {
  duplicate,
  type FieldError,
  forbidden,
  internal,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validateGroupId,
  validateQualifiedName,
  validateUserId,
} from '../../../apimachinery/validation/index.ts';
import { addressFamily, addressWarnings, validateAddress, withoutLeadingZeros } from '../addresses.ts';
import { reportEach } from '../report.ts';
import type { Container, ContainerStatus, Pod, PodSpec, PodStatus } from '../types.ts';
import { validateAnnotationUpdate } from './annotations.ts';
import { canRestart, restartsEverything } from './restarts.ts';

type Statuses = DeepReadonly<ContainerStatus[]> | undefined;
const SYSTEM_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Ready', 'Initialized']);
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown'];
const GENERATION = 'must be a non-negative integer';
const STATUS_LISTS = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const;
const HEALTH_MESSAGE_MAX = 1024;

/** Checks an update of a pod's status. */
export function validatePodStatusUpdate(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): FieldError[] {
  const errors: FieldError[] = [];
  const { status, spec, metadata } = pod;
  validateAnnotationUpdate(errors, 'metadata.annotations', metadata.annotations, old.metadata.annotations);
  validateConditions(errors, status);
  if ((spec.nodeName ?? '') !== (old.spec.nodeName ?? '')) {
    errors.push(forbidden('status.nodeName', 'may not be changed directly'));
  }
  validateNomination(errors, status, old);
  if ((status.observedGeneration ?? 0) < 0) {
    errors.push(invalid('status.observedGeneration', status.observedGeneration, GENERATION));
  }
  if (status.qosClass !== old.status.qosClass) {
    errors.push(invalid('status.qosClass', status.qosClass ?? '', 'field is immutable'));
  }
  validateTransitions(errors, status, old);
  validateClaimStatuses(errors, status, spec);
  validateExtendedClaimStatus(errors, status, spec);
  validatePodAddresses(errors, status, old.status);
  for (const field of STATUS_LISTS) validateUsers(errors, `status.${field}`, status[field], spec);
  validateDevices(errors, 'status.containerStatuses', status.containerStatuses, spec.containers);
  validateDevices(errors, 'status.initContainerStatuses', status.initContainerStatuses, spec.initContainers);
  status.ephemeralContainerStatuses?.forEach((each, index) => {
    if (!each.allocatedResourcesStatus?.length) return;
    const at = `status.ephemeralContainerStatuses[${index}].allocatedResourcesStatus`;
    errors.push(forbidden(at, 'must not be specified in container status'));
  });
  return errors;
}

function validateConditions(errors: FieldError[], status: DeepReadonly<PodStatus>): void {
  status.conditions?.forEach((condition, index) => {
    if ((condition.observedGeneration ?? 0) < 0) {
      const at = `status.conditions[${index}].observedGeneration`;
      errors.push(invalid(at, condition.observedGeneration, GENERATION));
    }
    if (SYSTEM_CONDITIONS.has(condition.type)) return;
    reportEach(
      errors,
      `status.conditions[${index}].Type`,
      condition.type,
      validateQualifiedName(condition.type),
    );
  });
}

function validateNomination(
  errors: FieldError[],
  status: DeepReadonly<PodStatus>,
  old: DeepReadonly<Pod>,
): void {
  const node = status.nominatedNodeName ?? '';
  if (node === '' || node === old.status.nominatedNodeName) return;
  reportEach(errors, 'status.nominatedNodeName', node, validateDns1123Subdomain(node));
  if (old.spec.nodeName) {
    const rule = 'may not be set on pods that are already bound to a node';
    errors.push(forbidden('status.nominatedNodeName', rule));
  }
}

/** What has ended stays ended, unless the pod's or the container's restart rules say otherwise. */
function validateTransitions(
  errors: FieldError[],
  status: DeepReadonly<PodStatus>,
  old: DeepReadonly<Pod>,
): void {
  const { spec } = old;
  for (const field of STATUS_LISTS) {
    const before = old.status[field];
    if (!before?.some((each) => each.state?.terminated)) continue;
    const containers: DeepReadonly<Container[]> | undefined =
      field === 'containerStatuses' ? spec.containers : spec.initContainers;
    const ephemeral = field === 'ephemeralContainerStatuses';
    if (!ephemeral && restartsEverything(spec)) continue;
    before.forEach(({ name, state }, index) => {
      if (!state?.terminated) return;
      const now = status[field]?.find((each) => each.name === name && !each.state?.terminated);
      if (!now) return;
      const container = ephemeral ? undefined : containers?.find((each) => each.name === name);
      if (container && canRestart(container, spec, state.terminated.exitCode)) return;
      const rule = 'may not be transitioned to non-terminated state';
      errors.push(forbidden(`status.${field}[${index}].state`, rule));
    });
  }
}

function validateClaimStatuses(
  errors: FieldError[],
  status: DeepReadonly<PodStatus>,
  spec: DeepReadonly<PodSpec>,
): void {
  const names = new Set<string>();
  status.resourceClaimStatuses?.forEach(({ name, resourceClaimName }, index) => {
    const at = `status.resourceClaimStatuses[${index}]`;
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      const rule = 'must match the name of an entry in `spec.resourceClaims`';
      errors.push(invalid(`${at}.name`, name, rule));
    }
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (resourceClaimName == null) return;
    reportEach(
      errors,
      `${at}.resourceClaimName`,
      resourceClaimName,
      validateDns1123Subdomain(resourceClaimName),
    );
  });
}

function validateExtendedClaimStatus(
  errors: FieldError[],
  { extendedResourceClaimStatus: claim }: DeepReadonly<PodStatus>,
  { initContainers = [], containers }: DeepReadonly<PodSpec>,
): void {
  if (claim == null) return;
  const at = 'status.extendedResourceClaimStatus';
  const { resourceClaimName } = claim;
  const requestMappings = claim.requestMappings ?? [];
  if (requestMappings.length === 0) {
    errors.push(required(`${at}.requestMappings`, 'at least one request mapping is required'));
  }
  const seen = new Set<string>();
  requestMappings.forEach(({ containerName, resourceName, requestName }, index) => {
    const here = `${at}.requestMappings[${index}]`;
    const container = [...containers, ...initContainers].find(({ name }) => name === containerName);
    if (container === undefined) {
      const rule = 'must match the name of an entry in spec.initContainers.name or spec.containers.name';
      errors.push(invalid(`${here}.containerName`, containerName, rule));
    } else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName)) {
      const rule =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
      errors.push(invalid(`${here}.resourceName`, resourceName, rule));
    }
    reportEach(errors, `${at}.requestName`, requestName, validateDns1123Label(requestName));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errors.push(duplicate(`${here}.containerName`, containerName));
      errors.push(duplicate(`${here}.resourceName`, resourceName));
      errors.push(duplicate(`${here}.requestName`, requestName));
    }
    seen.add(key);
  });
  if (!resourceClaimName) errors.push(required(`${at}.resourceClaimName`));
  else {
    const wrongs = validateDns1123Subdomain(resourceClaimName);
    reportEach(errors, `${at}.resourceClaimName`, resourceClaimName, wrongs);
  }
}

function validatePodAddresses(
  errors: FieldError[],
  status: DeepReadonly<PodStatus>,
  old: DeepReadonly<PodStatus>,
): void {
  const hosts = status.hostIPs ?? [];
  const first = hosts[0]?.ip;
  for (const field of ['podIPs', 'hostIPs'] as const) {
    const addresses = (status[field] ?? []).map((each) => each.ip);
    if (field === 'hostIPs' && first !== undefined && first !== (status.hostIP ?? '')) {
      errors.push(invalid('status.hostIPs[0].ip', first, 'must be equal to `hostIP`'));
    }
    const before = old[field];
    addresses.forEach((address, index) => {
      if (before?.some((each) => each.ip === address)) return;
      validateAddress(errors, `status.${field}[${index}]`, address);
    });
    const families = addresses.map((address) => addressFamily(withoutLeadingZeros(address) ?? address));
    const broken = families.indexOf(0);
    if (addresses.length > 1 && broken >= 0) {
      const why = `failed to check for dual stack with error:invalid IP[${broken}]: ${addresses[broken]}`;
      errors.push(internal(`status.${field}`, why));
    }
    if (addresses.length > 1 && (addresses.length > 2 || broken >= 0 || new Set(families).size !== 2)) {
      const shown = addresses.map((ip) => ({ IP: ip }));
      const rule = 'may specify no more than one IP for each IP family';
      errors.push(invalid(`status.${field}`, shown, rule));
    }
  }
}

function validateUsers(
  errors: FieldError[],
  path: string,
  statuses: Statuses,
  spec: DeepReadonly<PodSpec>,
): void {
  statuses?.forEach((status, index) => {
    const user = status.user?.linux;
    if (!user) return;
    const at = `${path}[${index}].user.linux`;
    if (spec.os?.name === 'windows') {
      errors.push(forbidden(at, 'cannot be set for a windows pod'));
      return;
    }
    reportEach(errors, `${at}.uid`, user.uid, validateUserId(user.uid));
    reportEach(errors, `${at}.gid`, user.gid, validateGroupId(user.gid));
    user.supplementalGroups?.forEach((group, position) => {
      reportEach(errors, `${at}.supplementalGroups[${position}]`, group, validateGroupId(group));
    });
  });
}

/** Checks the health of devices given to containers (KEP-4680). */
function validateDevices(
  errors: FieldError[],
  path: string,
  statuses: Statuses,
  containers: DeepReadonly<Container[]> | undefined,
): void {
  statuses?.forEach((status, index) => {
    status.allocatedResourcesStatus?.forEach((resource, position) => {
      const at = `${path}[${index}].allocatedResourcesStatus[${position}]`;
      const container = containers?.find((each) => each.name === status.name);
      if (container) validateDeviceName(errors, `${at}.name`, resource.name, container);
      const seen = new Set<string>();
      resource.resources?.forEach(({ health, resourceID, message }, number) => {
        const device = `${at}.resources[${number}]`;
        if (!HEALTH.includes(health ?? '')) {
          errors.push(notSupported(`${device}.health`, health ?? '', HEALTH));
        }
        if (message === '') {
          errors.push(required(`${device}.message`, 'must be non-empty if specified'));
        } else if (message != null && Buffer.byteLength(message) > HEALTH_MESSAGE_MAX) {
          errors.push(tooLong(`${device}.message`, HEALTH_MESSAGE_MAX));
        }
        if (seen.has(resourceID)) errors.push(duplicate(`${device}.resourceID`, resourceID));
        seen.add(resourceID);
      });
    });
  });
}

function validateDeviceName(
  errors: FieldError[],
  path: string,
  name: string,
  container: DeepReadonly<Container>,
): void {
  if (name.startsWith('claim:')) {
    const known = (container.resources?.claims ?? []).some(
      (claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`,
    );
    const rule =
      "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
    if (!known) errors.push(invalid(path, name, rule));
  } else if (container.resources?.requests?.[name] === undefined) {
    errors.push(invalid(path, name, "must match one of the container's resource requests"));
  }
}

/** Warnings for addresses in a pod's status that are written in an unusual way. */
export function statusAddressWarnings({ status }: DeepReadonly<Pod>): string[] {
  const warnings: string[] = [];
  for (const field of ['podIPs', 'hostIPs'] as const) {
    status[field]?.forEach(({ ip }, index) => {
      warnings.push(...addressWarnings(`status.${field}[${index}].ip`, ip ?? ''));
    });
  }
  return warnings;
}
