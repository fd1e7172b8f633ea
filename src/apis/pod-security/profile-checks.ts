/** Checks of the profiles that confine a pod: AppArmor, seccomp, SELinux. */
import { goQuote } from '../../apimachinery/go-text.ts';
import {
  type Check,
  containersOf,
  containersText,
  contextsOf,
  namesWhere,
  plural,
  quoted,
  type Subject,
  settersWhere,
  sortedSet,
} from './subject.ts';

const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether a profile's type leaves the pod confined. */
function isConfining(type: string | undefined): boolean {
  return type === 'RuntimeDefault' || type === 'Localhost';
}

const annotationsOf = ({ metadata }: Subject): [string, string][] =>
  Object.entries(metadata?.annotations ?? {});

/** Baseline: AppArmor's default profile is not switched off, by field or by annotation. */
export const appArmorProfile: Check = (subject) => {
  const isWrong = (context: { readonly appArmorProfile?: { readonly type: string } }): boolean =>
    context.appArmorProfile != null && !isConfining(context.appArmorProfile.type);
  const values = sortedSet(
    contextsOf(subject)
      .filter(isWrong)
      .map((each) => each.appArmorProfile?.type ?? ''),
  );
  const annotations = annotationsOf(subject)
    .filter(([key, value]) => key.startsWith(APPARMOR_PREFIX) && !isAppArmorAnnotation(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
  const fields = settersWhere(subject, isWrong);
  const setters = fields === '' ? [] : [fields];
  if (annotations.length > 0) setters.push(plural('annotation', annotations.length));
  if (setters.length === 0) return undefined;
  const wrong = [...values, ...annotations];
  return {
    reason: plural('forbidden AppArmor profile', wrong.length),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${quoted(wrong)}`,
  };
};

function isAppArmorAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

/** Baseline until 1.18: the annotations of that time do not switch seccomp off. */
export const seccompAnnotations: Check = (subject) => {
  const keys = new Set([SECCOMP_POD, ...containersOf(subject).map((each) => SECCOMP_PREFIX + each.name)]);
  const wrong = annotationsOf(subject)
    .filter(([key, value]) => keys.has(key) && !isSeccompAnnotation(value))
    .map(([key, value]) => `${key}=${goQuote(value)}`)
    .sort();
  if (wrong.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `forbidden ${plural('annotation', wrong.length)} ${wrong.join(', ')}`,
  };
};

function isSeccompAnnotation(value: string): boolean {
  return value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
}

/** Baseline since 1.19: seccomp is not switched off. */
export const seccompBaseline: Check = (subject) => {
  const isWrong = (context: { readonly seccompProfile?: { readonly type: string } }): boolean =>
    context.seccompProfile != null && !isConfining(context.seccompProfile.type);
  const setters = settersWhere(subject, isWrong);
  if (setters === '') return undefined;
  const values = sortedSet(
    contextsOf(subject)
      .filter(isWrong)
      .map((each) => each.seccompProfile?.type ?? ''),
  );
  return {
    reason: 'seccompProfile',
    detail: `${setters} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
};

/** Restricted since 1.19: every container has a seccomp profile, its own or the pod's. */
export const seccompRestricted: Check = (subject) => {
  const wrong = seccompBaseline(subject);
  if (wrong !== undefined || subject.spec.securityContext?.seccompProfile != null) return wrong;
  const silent = namesWhere(subject, (each) => each.securityContext?.seccompProfile == null);
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

/** Baseline: only SELinux types of containers, and no user or role. */
export function seLinuxOptions(types: ReadonlySet<string>): Check {
  return (subject) => {
    type Options = { readonly type?: string; readonly user?: string; readonly role?: string };
    const isWrong = ({ type = '', user = '', role = '' }: Options): boolean =>
      !types.has(type) || user !== '' || role !== '';
    const setters = settersWhere(
      subject,
      (context) => context.seLinuxOptions != null && isWrong(context.seLinuxOptions),
    );
    if (setters === '') return undefined;
    const all: readonly Options[] = contextsOf(subject).flatMap((each) => each.seLinuxOptions ?? []);
    const wrongTypes = sortedSet(all.map(({ type = '' }) => type).filter((type) => !types.has(type)));
    const wrongs: string[] = [];
    if (wrongTypes.length > 0) wrongs.push(`${plural('type', wrongTypes.length)} ${quoted(wrongTypes)}`);
    if (all.some(({ user }) => user)) wrongs.push('user may not be set');
    if (all.some(({ role }) => role)) wrongs.push('role may not be set');
    return {
      reason: 'seLinuxOptions',
      detail: `${setters} set forbidden securityContext.seLinuxOptions: ${wrongs.join('; ')}`,
    };
  };
}
