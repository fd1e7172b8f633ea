/** Checks of whom the processes of a pod run as. */
import { type Check, containersText, namesWhere, settersWhere } from './subject.ts';

/** Restricted: it is said that nobody runs as root. */
export const runAsNonRoot: Check = (subject) => {
  const reason = 'runAsNonRoot != true';
  const setters = settersWhere(subject, (context) => context.runAsNonRoot === false);
  if (setters !== '') {
    return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  }
  if (subject.spec.securityContext?.runAsNonRoot === true) return undefined;
  const silent = namesWhere(subject, (each) => each.securityContext?.runAsNonRoot == null);
  if (silent.length === 0) return undefined;
  const who = `pod or ${containersText(silent)}`;
  return { reason, detail: `${who} must set securityContext.runAsNonRoot=true` };
};

/** Restricted since 1.23: nobody is said to run as root. */
export const runAsUser: Check = (subject) => {
  const setters = settersWhere(subject, (context) => context.runAsUser === 0);
  return setters === ''
    ? undefined
    : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};
