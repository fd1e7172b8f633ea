import {
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbesAndHostLifecycle,
  windowsHostProcess,
} from './host-checks.ts';
import type { LevelVersion } from './level.ts';
import {
  allowPrivilegeEscalation,
  capabilitiesBaseline,
  capabilitiesRestricted,
  privileged,
  procMount,
  unlessOwnUsers,
  unlessWindows,
} from './privilege-checks.ts';
import {
  appArmorProfile,
  seccompAnnotations,
  seccompBaseline,
  seccompRestricted,
  seLinuxOptions,
} from './profile-checks.ts';
import type { Check, Subject, Violation } from './subject.ts';
import { sysctls } from './sysctl-check.ts';
import { runAsNonRoot, runAsUser } from './user-checks.ts';
import { restrictedVolumes } from './volume-checks.ts';

/** What is asked since some minor version, and which baseline check it takes the place of. */
interface Revision {
  readonly since: number;
  readonly check: Check;
  readonly instead?: string;
}

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** The baseline checks by upstream's names, in the order in which they are told; revisions oldest first. */
const BASELINE: Readonly<Record<string, readonly Revision[]>> = {
  appArmorProfile: [{ since: 0, check: appArmorProfile }],
  capabilities_baseline: [{ since: 0, check: capabilitiesBaseline }],
  hostNamespaces: [{ since: 0, check: hostNamespaces }],
  hostPathVolumes: [{ since: 0, check: hostPathVolumes }],
  hostPorts: [{ since: 0, check: hostPorts }],
  hostProbesAndHostLifecycle: [{ since: 34, check: hostProbesAndHostLifecycle }],
  privileged: [{ since: 0, check: privileged }],
  procMount: [
    { since: 0, check: procMount },
    { since: 35, check: unlessOwnUsers(procMount) },
  ],
  seLinuxOptions: [
    { since: 0, check: seLinuxOptions(new Set(SELINUX_TYPES)) },
    { since: 31, check: seLinuxOptions(new Set([...SELINUX_TYPES, 'container_engine_t'])) },
  ],
  seccompProfile_baseline: [
    { since: 0, check: seccompAnnotations },
    { since: 19, check: seccompBaseline },
  ],
  sysctls: [0, 27, 29, 32].map((since) => ({ since, check: sysctls(since) })),
  windowsHostProcess: [{ since: 0, check: windowsHostProcess }],
};

/** The restricted checks, told after the baseline ones. */
const RESTRICTED: Readonly<Record<string, readonly Revision[]>> = {
  allowPrivilegeEscalation: [
    { since: 8, check: allowPrivilegeEscalation },
    { since: 25, check: unlessWindows(allowPrivilegeEscalation) },
  ],
  capabilities_restricted: [
    { since: 22, check: capabilitiesRestricted, instead: 'capabilities_baseline' },
    { since: 25, check: unlessWindows(capabilitiesRestricted), instead: 'capabilities_baseline' },
  ],
  procMount_restricted: [{ since: 35, check: procMount, instead: 'procMount' }],
  restrictedVolumes: [{ since: 0, check: restrictedVolumes, instead: 'hostPathVolumes' }],
  runAsNonRoot: [
    { since: 0, check: runAsNonRoot },
    { since: 35, check: unlessOwnUsers(runAsNonRoot) },
  ],
  runAsUser: [
    { since: 23, check: runAsUser },
    { since: 35, check: unlessOwnUsers(runAsUser) },
  ],
  seccompProfile_restricted: [
    { since: 19, check: seccompRestricted, instead: 'seccompProfile_baseline' },
    { since: 25, check: unlessWindows(seccompRestricted), instead: 'seccompProfile_baseline' },
  ],
};

/** What a level as of a version has against a pod, in upstream's order; empty: it is allowed. Pure. */
export function violationsOf({ level, version }: LevelVersion, subject: Subject): readonly Violation[] {
  if (level === 'privileged') return [];
  const restricted = level === 'restricted' ? current(RESTRICTED, version) : new Map<string, Revision>();
  const replaced = new Set([...restricted.values()].map((each) => each.instead));
  const baseline = [...current(BASELINE, version)].filter(([name]) => !replaced.has(name));
  return [...baseline.map(([, revision]) => revision), ...restricted.values()].flatMap(
    ({ check }) => check(subject) ?? [],
  );
}

/** Of each check the revision that holds as of that version. */
function current(
  checks: Readonly<Record<string, readonly Revision[]>>,
  version: number,
): Map<string, Revision> {
  const found = new Map<string, Revision>();
  for (const [name, revisions] of Object.entries(checks)) {
    const revision = revisions.findLast(({ since }) => since <= version);
    if (revision !== undefined) found.set(name, revision);
  }
  return found;
}

/** All violations with their details: `privileged (container "a" must not …), host namespaces (hostPID=true)`. */
export function violationsText(violations: readonly Violation[]): string {
  return violations
    .map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`))
    .join(', ');
}

/** The reasons alone: `privileged, host namespaces`. */
export function reasonsText(violations: readonly Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ');
}
