/** Checks of what the processes of a pod may do. */
import {
  type AnyContainer,
  type Check,
  containersOf,
  containersText,
  hasOwnUsers,
  isForWindows,
  namesWhere,
  quoted,
  sortedSet,
} from './subject.ts';

/** Baseline: no privileged containers. */
export const privileged: Check = (subject) => {
  const names = namesWhere(subject, (each) => each.securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return {
    reason: 'privileged',
    detail: `${containersText(names)} must not set securityContext.privileged=true`,
  };
};

/** Restricted since 1.8: nobody gains privileges. */
export const allowPrivilegeEscalation: Check = (subject) => {
  const names = namesWhere(subject, (each) => each.securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

/** The capabilities that a container runtime gives by default, but for NET_RAW. */
const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Baseline: no capabilities beyond the usual ones. */
export const capabilitiesBaseline: Check = (subject) => {
  const wrongOf = (container: AnyContainer): readonly string[] =>
    (container.securityContext?.capabilities?.add ?? []).filter((each) => !DEFAULT_CAPABILITIES.has(each));
  const names = namesWhere(subject, (each) => wrongOf(each).length > 0);
  if (names.length === 0) return undefined;
  const wrong = quoted(sortedSet(containersOf(subject).flatMap(wrongOf)));
  return {
    reason: 'non-default capabilities',
    detail: `${containersText(names)} must not include ${wrong} in securityContext.capabilities.add`,
  };
};

/** Restricted since 1.22: all capabilities are dropped, and only the one for low ports may come back. */
export const capabilitiesRestricted: Check = (subject) => {
  const wrongOf = (container: AnyContainer): readonly string[] =>
    (container.securityContext?.capabilities?.add ?? []).filter((each) => each !== 'NET_BIND_SERVICE');
  const keeping = namesWhere(
    subject,
    (each) => !(each.securityContext?.capabilities?.drop ?? []).includes('ALL'),
  );
  const adding = namesWhere(subject, (each) => wrongOf(each).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) {
    details.push(`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  }
  if (adding.length > 0) {
    const wrong = quoted(sortedSet(containersOf(subject).flatMap(wrongOf)));
    details.push(`${containersText(adding)} must not include ${wrong} in securityContext.capabilities.add`);
  }
  if (details.length === 0) return undefined;
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

/** Baseline until 1.34, restricted since: the masks over /proc stay. */
export const procMount: Check = (subject) => {
  const typeOf = ({ securityContext }: AnyContainer): string => securityContext?.procMount ?? 'Default';
  const names = namesWhere(subject, (each) => typeOf(each) !== 'Default');
  if (names.length === 0) return undefined;
  const types = sortedSet(
    containersOf(subject)
      .map(typeOf)
      .filter((each) => each !== 'Default'),
  );
  return {
    reason: 'procMount',
    detail: `${containersText(names)} must not set securityContext.procMount to ${quoted(types)}`,
  };
};

/** The check for all but pods with users of their own. */
export function unlessOwnUsers(check: Check): Check {
  return (subject) => (hasOwnUsers(subject) ? undefined : check(subject));
}

/** The check for all but pods for Windows. */
export function unlessWindows(check: Check): Check {
  return (subject) => (isForWindows(subject) ? undefined : check(subject));
}
