import { sameMeaning } from '../../semantic-equality.ts';
import type { AppArmorProfile, Pod } from '../../types.ts';
import { APPARMOR_CONTAINER } from '../annotations.ts';

/**
 * Turns AppArmor annotations into the field that replaced them (KEP-24), for containers that have the annotation alone.
 * Answers a warning for each that still depends on its annotation.
 */
export function takeOverAppArmorAnnotations(pod: Pod): string[] {
  const { annotations } = pod.metadata;
  if (!annotations || pod.spec.os?.name === 'windows') return [];
  const warnings: string[] = [];
  const ofPod = pod.spec.securityContext?.appArmorProfile;
  const { initContainers, containers, ephemeralContainers } = pod.spec as Partial<Pod['spec']>;
  for (const container of [initContainers, containers, ephemeralContainers].flatMap((each) => each ?? [])) {
    const key = APPARMOR_CONTAINER + container.name;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue;
    const profile = profileOf(annotation);
    if (profile && sameMeaning(profile, ofPod)) continue;
    if (profile) {
      container.securityContext ??= {};
      container.securityContext.appArmorProfile = profile;
    }
    warnings.push(
      `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`,
    );
  }
  return warnings;
}

/** The field that says what an annotation says; undefined for one that says nothing valid. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = /^localhost\/(.+)$/s.exec(annotation)?.[1];
  return name === undefined || name.trim() !== name
    ? undefined
    : { type: 'Localhost', localhostProfile: name };
}
