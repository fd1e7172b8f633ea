import type { JsonObject } from '../json.ts';
import type { KindSchema } from '../schema/index.ts';

/** Through which endpoint an object is written, and what is known of its kind there. */
export interface FieldEndpoint {
  /** The kind's structure. */
  readonly schema: KindSchema;
  /** `batch/v1`. */
  readonly apiVersion: string;
  /** All versions that the kind has; entries of others are dropped. Missing: every version is taken for one. */
  readonly apiVersions?: ReadonlySet<string>;
  readonly kind: string;
  /** `status`; empty for the object itself. */
  readonly subresource?: string;
  /** An object of the kind in which nothing is set, as Go writes it: what a new one is compared with. Missing: `{}`. */
  readonly blank?: JsonObject;
  /** Fields that this endpoint resets, so that nobody comes to own them through it: `[['status']]`. */
  readonly resetFields?: readonly (readonly string[])[];
}
