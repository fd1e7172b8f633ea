/** Rules for pods that run on Windows, and for those that must not look as if they did. */
import {
  type FieldError,
  forbidden,
  invalid,
  required,
  unsupported,
} from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { validateDns1123Subdomain } from '../../../apimachinery/validation/index.ts';
import { reportEach } from '../report.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../types.ts';
import { eachContainer } from './containers/each-container.ts';

const CREDENTIAL_KIB_MAX = 64;
const DOMAIN_LENGTH_MAX = 256;
const USER_LENGTH_MAX = 104;
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';

/** Fields of a pod that Windows does not know: of the spec itself, and of its security context. */
const LINUX_SPEC_FIELDS = ['hostUsers', 'hostPID', 'hostIPC', 'shareProcessNamespace'] as const;
const LINUX_POD_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const LINUX_CONTAINER_FIELDS = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

/** Checks that a pod which names its operating system asks for nothing that the system has not. */
export function validateOperatingSystem(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
): void {
  if (!spec.os) return;
  const { name } = spec.os;
  if (!name) errors.push(required(`${path}.os.name`));
  else if (name === 'linux') refuseWindowsFields(errors, path, spec);
  else if (name === 'windows') refuseLinuxFields(errors, path, spec);
  else errors.push(unsupported(`${path}.os`, name, ['linux', 'windows']));
}

function refuseWindowsFields(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  if (spec.securityContext?.windowsOptions) {
    errors.push(forbidden(`${path}.securityContext.windowsOptions`, NOT_ON_LINUX));
  }
  eachContainer(spec, path, (container, at) => {
    if (container.securityContext?.windowsOptions) {
      errors.push(forbidden(`${at}.securityContext.windowsOptions`, NOT_ON_LINUX));
    }
  });
}

function refuseLinuxFields(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  const context = spec.securityContext ?? {};
  for (const field of LINUX_SPEC_FIELDS) {
    const asked = field === 'hostPID' || field === 'hostIPC' ? spec[field] : spec[field] != null;
    if (asked) errors.push(forbidden(`${path}.${field}`, NOT_ON_WINDOWS));
  }
  for (const field of LINUX_POD_FIELDS) {
    const value = context[field];
    if (value == null || (field === 'sysctls' && context.sysctls?.length === 0)) continue;
    errors.push(forbidden(`${path}.securityContext.${field}`, NOT_ON_WINDOWS));
  }
  eachContainer(spec, path, (container, at) => {
    for (const field of LINUX_CONTAINER_FIELDS) {
      if (container.securityContext?.[field] == null) continue;
      errors.push(forbidden(`${at}.securityContext.${field}`, NOT_ON_WINDOWS));
    }
  });
}

/** Checks the Windows side of a security context. */
export function validateWindowsOptions(
  errors: FieldError[],
  path: string,
  options: DeepReadonly<WindowsSecurityContextOptions> | undefined,
): void {
  if (!options) return;
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: credentials, runAsUserName: user } = options;
  if (specName != null) {
    reportEach(errors, `${path}.gmsaCredentialSpecName`, specName, validateDns1123Subdomain(specName));
  }
  if (credentials === '') {
    const rule = 'gmsaCredentialSpec cannot be an empty string';
    errors.push(invalid(`${path}.gmsaCredentialSpec`, credentials, rule));
  } else if (credentials != null && Buffer.byteLength(credentials) > CREDENTIAL_KIB_MAX * 1024) {
    const rule = `gmsaCredentialSpec size must be under ${CREDENTIAL_KIB_MAX} KiB`;
    errors.push(invalid(`${path}.gmsaCredentialSpec`, credentials, rule));
  }
  if (user != null) reportEach(errors, `${path}.runAsUserName`, user, userNameWrongs(user));
}

/** What is wrong with `DOMAIN\user` or `user`. */
function userNameWrongs(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (Array.from(name).some(isControl)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const wrongs: string[] = [];
  if ((domain?.length ?? 0) >= DOMAIN_LENGTH_MAX) {
    wrongs.push(`runAsUserName's Domain length must be under ${DOMAIN_LENGTH_MAX} characters`);
  }
  if (domain !== undefined && !NETBIOS.test(domain) && !DNS_NAME.test(domain)) {
    wrongs.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') wrongs.push("runAsUserName's User cannot be empty");
  else if (user.length > USER_LENGTH_MAX) {
    wrongs.push(`runAsUserName's User length must not be longer than ${USER_LENGTH_MAX} characters`);
  }
  if (/^[. ]+$/.test(user)) wrongs.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    wrongs.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return wrongs;
}

/** Containers that run as processes of the host do so all together, on the host's network. */
export function validateHostProcess(errors: FieldError[], path: string, spec: DeepReadonly<PodSpec>): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let count = 0;
  let hostCount = 0;
  eachContainer(spec, path, (container, at) => {
    count++;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod != null && own != null && ofPod !== own) {
      const rule = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, rule));
    }
    if (own ?? ofPod) hostCount++;
  });
  if (hostCount === 0) return;
  if (hostCount !== count) {
    const rule =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(path, '', rule));
  }
  if (!spec.hostNetwork) {
    const rule = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(`${path}.hostNetwork`, false, rule));
  }
}

const isControl = (letter: string): boolean => letter < ' ' || letter === '\x7f';
