/** Rules for privileges: of the whole pod and of each container. */
import {
  duplicate,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  unsupported,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateGroupId, validateUserId } from '../../../../apimachinery/validation/index.ts';
import { requireDescending } from '../../paths.ts';
import { reportEach } from '../../report.ts';
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from '../../types.ts';
import { goSecurityContext } from '../update/go-form.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateWindowsOptions } from '../windows.ts';

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_NAME = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL_PATTERN = new RegExp(SYSCTL_NAME);
const SYSCTL_LENGTH_MAX = 253;
const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** PATH_MAX less its closing zero. */
const PROFILE_LENGTH_MAX = 4095;

/** Checks the security context of a pod spec together with the host namespaces beside it. */
export function validatePodSecurity(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  options: PodValidationOptions,
): void {
  const context = spec.securityContext;
  if (context) {
    validateIds(errors, path, context);
    if (spec.shareProcessNamespace && spec.hostPID) {
      const rule = 'ShareProcessNamespace and HostPID cannot both be enabled';
      errors.push(invalid(`${path}.shareProcessNamespace`, true, rule));
    }
    validateSysctls(errors, `${path}.sysctls`, spec, options);
    validateChoice(errors, `${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]);
    validateSeccompProfile(errors, `${path}.seccompProfile`, context.seccompProfile);
    validateWindowsOptions(errors, `${path}.windowsOptions`, context.windowsOptions);
    validateAppArmorProfile(errors, `${path}.appArmorProfile`, context.appArmorProfile);
    validateChoice(errors, `${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]);
    // The other choice is a feature that is off by default.
    validateChoice(errors, `${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ['Recursive']);
  }
}

function validateChoice(
  errors: FieldError[],
  path: string,
  value: string | undefined,
  allowed: string[],
): void {
  if (value != null && !allowed.includes(value)) errors.push(notSupported(path, value, allowed));
}

function validateIds(errors: FieldError[], path: string, context: DeepReadonly<PodSecurityContext>): void {
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups } = context;
  if (fsGroup != null) reportEach(errors, `${path}.fsGroup`, fsGroup, validateGroupId(fsGroup));
  if (runAsUser != null) reportEach(errors, `${path}.runAsUser`, runAsUser, validateUserId(runAsUser));
  if (runAsGroup != null) reportEach(errors, `${path}.runAsGroup`, runAsGroup, validateGroupId(runAsGroup));
  supplementalGroups?.forEach((group, index) => {
    reportEach(errors, `${path}.supplementalGroups[${index}]`, group, validateGroupId(group));
  });
}

function validateSysctls(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  options: PodValidationOptions,
): void {
  const names = new Set<string>();
  spec.securityContext?.sysctls?.forEach(({ name }, index) => {
    const at = `${path}[${index}].name`;
    if (!name) errors.push(required(at));
    else if (name.length > SYSCTL_LENGTH_MAX || !SYSCTL_PATTERN.test(name)) {
      const rule = `must have at most ${SYSCTL_LENGTH_MAX} characters and match regex ${SYSCTL_NAME}`;
      errors.push(invalid(at, name, rule));
    } else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
    const shared = options.hostNamespacedSysctls ? undefined : hostNamespaceOf(name ?? '', spec);
    if (shared) errors.push(invalid(at, name, `may not be specified when '${shared}' is true`));
  });
}

/** The kernel namespace of a sysctl, when the pod shares that one with the host. */
function hostNamespaceOf(sysctl: string, spec: DeepReadonly<PodSpec>): string | undefined {
  // A name may be written with slashes; the first separator tells which way it is written.
  const name = sysctl.search(/[./]/) === sysctl.indexOf('/') ? sysctl.replaceAll('/', '.') : sysctl;
  if (spec.hostNetwork && name.startsWith('net.')) return 'hostNetwork';
  if (!spec.hostIPC) return undefined;
  const interprocess =
    /^(?:kernel\.(?:sem|shm|shmall|shmmax|shmmni|shm_rmid_forced|msg|msgmax|msgmnb|msgmni)$|fs\.mqueue\.)/;
  return interprocess.test(name.replace(/\*.*$/s, '')) ? 'hostIPC' : undefined;
}

/** Whether a stored pod sets sysctls of a namespace that it shares with the host. */
export function breaksHostSysctls(spec: DeepReadonly<PodSpec>): boolean {
  return (spec.securityContext?.sysctls ?? []).some(({ name }) => hostNamespaceOf(name, spec) !== undefined);
}

function validateSeccompProfile(
  errors: FieldError[],
  path: string,
  profile: DeepReadonly<SeccompProfile> | undefined,
): void {
  if (!profile) return;
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILE_TYPES.includes(profile.type)) {
    errors.push(unsupported(`${path}.type`, profile.type, PROFILE_TYPES));
  }
  const file = profile.localhostProfile;
  const at = `${path}.localhostProfile`;
  if (profile.type !== 'Localhost') {
    if (file != null) {
      const shown = { Type: profile.type ?? '', LocalhostProfile: file };
      errors.push(invalid(at, shown, 'can only be set when seccomp type is Localhost'));
    }
  } else if (file == null) errors.push(required(at, 'must be set when seccomp type is Localhost'));
  else requireDescending(errors, at, file);
}

function validateAppArmorProfile(
  errors: FieldError[],
  path: string,
  profile: DeepReadonly<AppArmorProfile> | undefined,
): void {
  if (!profile) return;
  const name = profile.localhostProfile;
  const at = `${path}.localhostProfile`;
  if (!profile.type) {
    errors.push(required(`${path}.type`, 'type is required when appArmorProfile is set'));
  } else if (!PROFILE_TYPES.includes(profile.type)) {
    errors.push(unsupported(`${path}.type`, profile.type, PROFILE_TYPES));
  } else if (profile.type !== 'Localhost') {
    if (name != null) errors.push(invalid(at, name, 'can only be set when AppArmor type is Localhost'));
  } else if (name == null || name === '') {
    errors.push(required(at, 'must be set when AppArmor type is Localhost'));
  } else {
    if (name.trim() !== name) errors.push(invalid(at, name, 'must not be padded with whitespace'));
    if (Buffer.byteLength(name) > PROFILE_LENGTH_MAX) errors.push(tooLong(at, PROFILE_LENGTH_MAX));
  }
}

/** Checks a container's security context; `sharesUsers`: the pod has no user namespace of its own. */
export function validateContainerSecurity(
  errors: FieldError[],
  path: string,
  context: DeepReadonly<SecurityContext> | undefined,
  sharesUsers: boolean,
): void {
  if (!context) return;
  const { runAsUser, runAsGroup } = context;
  if (runAsUser != null) reportEach(errors, `${path}.runAsUser`, runAsUser, validateUserId(runAsUser));
  if (runAsGroup != null) reportEach(errors, `${path}.runAsGroup`, runAsGroup, validateGroupId(runAsGroup));
  const mount: string | undefined = context.procMount;
  if (mount != null && mount !== 'Default' && mount !== 'Unmasked') {
    errors.push(unsupported(`${path}.procMount`, mount, ['Default', 'Unmasked']));
  }
  if (mount === 'Unmasked' && sharesUsers) {
    errors.push(invalid(`${path}.procMount`, mount, '`hostUsers` must be false to use `Unmasked`'));
  }
  validateSeccompProfile(errors, `${path}.seccompProfile`, context.seccompProfile);
  validateEscalation(errors, path, context);
  validateWindowsOptions(errors, `${path}.windowsOptions`, context.windowsOptions);
  validateAppArmorProfile(errors, `${path}.appArmorProfile`, context.appArmorProfile);
}

function validateEscalation(
  errors: FieldError[],
  path: string,
  context: DeepReadonly<SecurityContext>,
): void {
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged) {
    const rule = 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true';
    errors.push(invalid(path, goSecurityContext(context), rule));
  }
  for (const capability of context.capabilities?.add ?? []) {
    if (capability !== 'CAP_SYS_ADMIN') continue;
    const rule = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
    errors.push(invalid(path, goSecurityContext(context), rule));
  }
}
