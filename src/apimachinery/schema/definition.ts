/** The data that schemas are compiled from. */

/** One definition or property of Kubernetes' OpenAPI document, without its descriptions. */
export interface Definition {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly items?: Definition;
  readonly additionalProperties?: Definition;
  readonly properties?: Readonly<Record<string, Definition>>;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly default?: string | number | boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** The name of the definition that a `$ref` of the same document points to. */
export function refOf(ref: string): string {
  return ref.slice('#/definitions/'.length);
}

/** Definitions by name: `io.k8s.api.batch.v1.Job`. */
export type Definitions = Readonly<Record<string, Definition>>;

/**
 * How Go writes each field, by definition and field: a letter and the field's Go type, `p int32`. The letter says what
 * the field is: `v` a value, `p` a pointer, `c` a list or map, `s` a struct, `t` a time, `q` a quantity. A small letter is
 * left out when empty (pointers when absent; structs, times and quantities never); a capital one is always written.
 * A trailing `z` is left out when zero. A third word is the embedded struct that the field comes from, which Go's complaints
 * name.
 */
export type WireFormat = Readonly<Record<string, Readonly<Record<string, string>>>>;
