import { type FieldError, required, unsupported } from '../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Binding } from '../types.ts';

/** Checks the assignment of a pod to a node. */
export function validateBinding(binding: DeepReadonly<Partial<Binding>>): FieldError[] {
  const errors: FieldError[] = [];
  const { kind, name } = binding.target ?? {};
  if (kind && kind !== 'Node') errors.push(unsupported('target.kind', kind, ['Node', '<empty>']));
  if (!name) errors.push(required('target.name'));
  return errors;
}
