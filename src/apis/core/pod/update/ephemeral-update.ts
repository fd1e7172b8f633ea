import { type FieldError, forbidden } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { unifiedDiff } from '../../line-diff.ts';
import { sameMeaning } from '../../semantic-equality.ts';
import type { EphemeralContainer, Pod } from '../../types.ts';
import { MIRROR_POD, validateAnnotationUpdate } from '../annotations.ts';
import { podValidationOptions } from '../stored-validation-options.ts';
import { validatePod } from '../validation.ts';
import { goEphemeralContainer } from './go-form.ts';

/** Checks containers being added to a running pod: those that are there already stay as they are. */
export function validateEphemeralContainersUpdate(
  pod: DeepReadonly<Pod>,
  old: DeepReadonly<Pod>,
): FieldError[] {
  if (old.metadata.annotations?.[MIRROR_POD] !== undefined) {
    return [forbidden('', 'static pods do not support ephemeral containers')];
  }
  const errors: FieldError[] = [];
  validatePod(errors, pod, podValidationOptions(old));
  validateAnnotationUpdate(
    errors,
    'metadata.annotations',
    pod.metadata.annotations,
    old.metadata.annotations,
  );
  for (const before of old.spec.ephemeralContainers ?? []) {
    const now = pod.spec.ephemeralContainers?.find((each) => each.name === before.name);
    const name = JSON.stringify(before.name);
    const path = 'spec.ephemeralContainers';
    if (!now) {
      errors.push(forbidden(path, `existing ephemeral containers ${name} may not be removed\n`));
    } else if (!sameMeaning(now, before)) {
      const diff = unifiedDiff(pretty(before), pretty(now));
      errors.push(forbidden(path, `existing ephemeral containers ${name} may not be changed\n${diff}`));
    }
  }
  return errors;
}

const pretty = (container: DeepReadonly<EphemeralContainer>): string =>
  JSON.stringify(goEphemeralContainer(container), null, 1);
