/** Rules for the annotations that Kubernetes itself reads on a pod. */
import { type FieldError, forbidden, invalid } from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { requireDescending } from '../paths.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../types.ts';
import { eachContainer } from './containers/each-container.ts';
import type { PodValidationOptions } from './validation-options.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

/** Marks the API's copy of a pod that a node agent runs from a file. */
export const MIRROR_POD = 'kubernetes.io/config.mirror';
/** How much a controller would regret deleting this pod. */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
/** Annotations that came before the fields `seccompProfile` and `appArmorProfile`. */
export const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
/** Followed by the name of a container. */
export const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
/** Followed by the name of a container. */
export const APPARMOR_CONTAINER = 'container.apparmor.security.beta.kubernetes.io/';

/** Whether the deletion cost, when there is one, is a 32-bit integer in its shortest writing. */
export function isDeletionCost(annotations: Annotations): boolean {
  const cost = annotations?.[DELETION_COST];
  if (cost === undefined) return true;
  const value = Number(cost);
  return /^(?:0|-[0-9]+|[1-9][0-9]*)$/.test(cost) && value >= -(2 ** 31) && value < 2 ** 31;
}

/** Checks the annotations of a pod or template. */
export function validatePodAnnotations(
  errors: FieldError[],
  path: string,
  annotations: Annotations,
  spec: DeepReadonly<PodSpec>,
  options: PodValidationOptions,
): void {
  if (!annotations) return;
  const mirror = annotations[MIRROR_POD];
  if (mirror !== undefined && !spec.nodeName) {
    const rule = 'must set spec.nodeName if mirror pod annotation is set';
    errors.push(invalid(`${path}[${MIRROR_POD}]`, mirror, rule));
  }
  if (!options.anyDeletionCost && !isDeletionCost(annotations)) {
    errors.push(invalid(`${path}[${DELETION_COST}]`, annotations[DELETION_COST], 'must be a 32bit integer'));
  }
  for (const key in annotations) {
    const value = annotations[key] ?? '';
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) {
      validateSeccompName(errors, `${path}.${key}`, value);
    } else if (key.startsWith(APPARMOR_CONTAINER)) {
      validateAppArmorAnnotation(
        errors,
        `${path}[${key}]`,
        key.slice(APPARMOR_CONTAINER.length),
        value,
        spec,
      );
    }
  }
}

function validateSeccompName(errors: FieldError[], path: string, profile: string): void {
  if (/^(?:runtime\/default|docker\/default|unconfined)$/.test(profile)) return;
  if (profile.startsWith('localhost/')) requireDescending(errors, path, profile.slice('localhost/'.length));
  else errors.push(invalid(path, profile, 'must be a valid seccomp profile'));
}

function validateAppArmorAnnotation(
  errors: FieldError[],
  path: string,
  container: string,
  profile: string,
  spec: DeepReadonly<PodSpec>,
): void {
  let known = false;
  eachContainer(spec, '', ({ name }) => {
    known ||= name === container;
  });
  if (!known) errors.push(invalid(path, container, 'container not found'));
  if (/^(?:|runtime\/default|unconfined|localhost\/.*)$/s.test(profile)) return;
  errors.push(invalid(path, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
}

/** Where a profile is given both as annotation and as field, they must say the same. */
export function validateProfilesMatch(
  errors: FieldError[],
  path: string,
  annotations: Annotations,
  spec: DeepReadonly<PodSpec>,
): void {
  if (!annotations) return;
  const context = spec.securityContext;
  matchProfile(
    errors,
    `${path}.securityContext.seccompProfile`,
    'seccomp',
    annotations[SECCOMP_POD],
    context?.seccompProfile,
  );
  eachContainer(spec, path, ({ name, securityContext }, at) => {
    const where = `${at}.securityContext.seccompProfile`;
    matchProfile(
      errors,
      where,
      'seccomp',
      annotations[SECCOMP_CONTAINER + name],
      securityContext?.seccompProfile,
    );
  });
  if (spec.os?.name === 'windows') return;
  eachContainer(spec, path, ({ name, securityContext }, at) => {
    const profile = securityContext?.appArmorProfile ?? context?.appArmorProfile;
    const where = `${at}.securityContext.appArmorProfile`;
    matchProfile(errors, where, 'apparmor', annotations[APPARMOR_CONTAINER + name], profile);
  });
}

function matchProfile(
  errors: FieldError[],
  path: string,
  what: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  profile: DeepReadonly<SeccompProfile | AppArmorProfile> | undefined,
): void {
  if (annotation === undefined || !profile) return;
  const typeDiffers = `${what} type in annotation and field must match`;
  if (profile.type === 'Localhost') {
    if (!annotation.startsWith('localhost/')) errors.push(forbidden(`${path}.type`, typeDiffers));
    else if (annotation.slice('localhost/'.length) !== profile.localhostProfile) {
      errors.push(
        forbidden(`${path}.localhostProfile`, `${what} profile in annotation and field must match`),
      );
    }
    return;
  }
  const names: Readonly<Record<string, readonly string[]>> = {
    Unconfined: ['unconfined'],
    RuntimeDefault: what === 'seccomp' ? ['runtime/default', 'docker/default'] : ['runtime/default'],
  };
  const allowed = names[profile.type];
  if (allowed && !allowed.includes(annotation)) errors.push(forbidden(`${path}.type`, typeDiffers));
}

/** Checks what an update may do to the annotations of a pod: some are for its beginning only. */
export function validateAnnotationUpdate(
  errors: FieldError[],
  path: string,
  annotations: Annotations,
  old: Annotations,
): void {
  if (annotations === old) return;
  const forbid = (key: string, how: string): void => {
    if (key.startsWith(APPARMOR_CONTAINER)) {
      errors.push(forbidden(`${path}[${key}]`, `may not ${how} AppArmor annotations`));
    }
    if (key === MIRROR_POD) errors.push(forbidden(`${path}[${key}]`, `may not ${how} mirror pod annotation`));
  };
  for (const key in old) if (annotations?.[key] !== old[key]) forbid(key, 'remove or update');
  for (const key in annotations) if (old?.[key] === undefined) forbid(key, 'add');
}
