import type { FieldError } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { Volume } from '../../types.ts';
import type { PodValidationOptions } from '../validation-options.ts';

/** Checks one source; what it adds has `path`, the path of that source. */
export type SourceRule<Source> = (
  errors: FieldError[],
  path: string,
  source: DeepReadonly<Source>,
  options: PodValidationOptions,
) => void;

/** A rule for each source of a volume. */
export type SourceRules = {
  readonly [Key in Exclude<keyof Volume, 'name'>]?: SourceRule<NonNullable<Volume[Key]>>;
};
