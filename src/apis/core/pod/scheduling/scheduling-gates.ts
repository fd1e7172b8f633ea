import { duplicate, type FieldError, forbidden } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateQualifiedName } from '../../../../apimachinery/validation/index.ts';
import { reportEach } from '../../report.ts';
import type { PodSchedulingGate } from '../../types.ts';

type Gates = DeepReadonly<PodSchedulingGate[]> | undefined;

/** Checks the gates that hold a pod back from scheduling (KEP-3521). */
export function validateSchedulingGates(errors: FieldError[], path: string, gates: Gates): void {
  const seen = new Set<string>();
  gates?.forEach(({ name }, index) => {
    reportEach(errors, `${path}[${index}]`, name ?? '', validateQualifiedName(name ?? ''));
    if (seen.has(name)) errors.push(duplicate(`${path}[${index}]`, name));
    seen.add(name);
  });
}

/** Gates are lifted, never added. */
export function validateGatesLifted(errors: FieldError[], path: string, gates: Gates, old: Gates): void {
  gates?.forEach(({ name }, index) => {
    if (old?.some((gate) => gate.name === name)) return;
    const rule = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbidden(`${path}[${index}].name`, rule));
  });
}
