/** What the checks look at, and how they name what is wrong with it. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  Container,
  EphemeralContainer,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
} from '../core/types.ts';

/** A pod, or what a template would make one of. */
export interface Subject {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: DeepReadonly<PodSpec>;
}

/** What a check has against a pod: in a few words, and what exactly. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Looks at a pod for one thing; undefined when there is nothing against it. Pure. */
export type Check = (subject: Subject) => Violation | undefined;

/** Any container of a pod. */
export type AnyContainer = DeepReadonly<Container> | DeepReadonly<EphemeralContainer>;

/** All containers: those that run first, those that stay, those for debugging. */
export function containersOf({ spec }: Subject): readonly AnyContainer[] {
  // Admission looks at what was not validated yet: even the containers may be missing, or null as Go writes them.
  const { initContainers, containers, ephemeralContainers } = spec as Partial<typeof spec>;
  return [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])];
}

/** `"a", "b"`; quotes within the texts stay as they are, as upstream has it. */
export function quoted(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `"${texts.join('", "')}"`;
}

/** The singular for one, the plural for any other number. */
export function plural(singular: string, count: number, more = `${singular}s`): string {
  return count === 1 ? singular : more;
}

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural('container', names.length)} ${quoted(names)}`;
}

/** Texts, each once, sorted. */
export function sortedSet(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

/** The names of the containers with which something is wrong. */
export function namesWhere(
  subject: Subject,
  isWrong: (container: AnyContainer) => boolean,
): readonly string[] {
  return containersOf(subject)
    .filter(isWrong)
    .map((each) => each.name);
}

type AnyContext = DeepReadonly<SecurityContext> | DeepReadonly<PodSecurityContext>;

/**
 * Who has a security context with which something is wrong: `pod`, `container "a"`, `pod and containers "a", "b"`; empty
 * when nobody has.
 */
export function settersWhere(subject: Subject, isWrong: (context: AnyContext) => boolean): string {
  const { securityContext: ofPod } = subject.spec;
  const names = namesWhere(subject, (each) => each.securityContext != null && isWrong(each.securityContext));
  const setters: string[] = [];
  if (ofPod != null && isWrong(ofPod)) setters.push('pod');
  if (names.length > 0) setters.push(containersText(names));
  return setters.join(' and ');
}

/** The security contexts of a pod and of its containers. */
export function contextsOf(subject: Subject): readonly AnyContext[] {
  const contexts = [subject.spec, ...containersOf(subject)].map((each) => each.securityContext);
  return contexts.filter((each) => each != null);
}

/** Whether the pod is for Windows, where much of this means nothing. */
export function isForWindows({ spec }: Subject): boolean {
  return spec.os?.name === 'windows';
}

/** Whether the pod has users of its own, so that its root is nobody outside. */
export function hasOwnUsers({ spec }: Subject): boolean {
  return spec.hostUsers === false;
}
