/** What patches need to know of a field: what stands there, and how its lists and maps are merged. */
import { type Definition, refOf } from './definition.ts';
import { isAnyRef, isScalarRef } from './well-known.ts';

/** How lists and maps of a field are merged: by server-side apply (`listType`) and by strategic merge (the rest). */
export interface MergeRules {
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** `merge`, `replace`, `retainKeys`. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey?: string;
}

/** What stands at a place in an object. */
export interface FieldSchema extends MergeRules {
  readonly type: 'struct' | 'map' | 'list' | 'scalar' | 'any';
  /** The field of that name in a struct; the member in a map. */
  property(name: string): FieldSchema | undefined;
  /** The items of a list. */
  readonly items: FieldSchema | undefined;
  /** Of a struct: its fields as Go declares them, the order in which it writes them. */
  readonly order?: readonly string[];
  /** Of a scalar: what JSON it is; untyped ones may be texts or numbers. */
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped';
  /** What counts for the field where it is missing, when it is a key of a list. */
  readonly default?: string | number | boolean;
}

/** What a field that holds a struct needs of it. */
export interface StructShape {
  /** See {@link FieldSchema}. */
  readonly order: readonly string[];
  /** How the struct is merged wherever it stands and the field says nothing. */
  readonly mapType?: 'atomic' | 'granular';
  /** See {@link FieldSchema}. */
  property(name: string): FieldSchema | undefined;
}

const UNMERGED: MergeRules = { patchStrategies: [] };

/** The rules that a definition, or a property, brings. */
export function mergeRulesOf(definition: Definition): MergeRules {
  const listType = definition['x-kubernetes-list-type'] as MergeRules['listType'];
  const listMapKeys = definition['x-kubernetes-list-map-keys'];
  const mapType = definition['x-kubernetes-map-type'] as MergeRules['mapType'];
  const strategies = definition['x-kubernetes-patch-strategy'];
  const patchMergeKey = definition['x-kubernetes-patch-merge-key'];
  return {
    ...(listType === undefined ? {} : { listType }),
    ...(listMapKeys === undefined ? {} : { listMapKeys }),
    ...(mapType === undefined ? {} : { mapType }),
    patchStrategies: strategies?.split(',') ?? [],
    ...(patchMergeKey === undefined ? {} : { patchMergeKey }),
  };
}

/** What patches need to know of a property. */
export function fieldSchema(definition: Definition, structOf: (id: string) => StructShape): FieldSchema {
  const rules = mergeRulesOf(definition);
  if (definition.$ref !== undefined) {
    const id = refOf(definition.$ref);
    if (isAnyRef(id)) return leaf('any', rules);
    if (isScalarRef(id)) return { ...leaf('scalar', rules), scalar: 'untyped' };
    const struct = structOf(id);
    const mapType = rules.mapType ?? struct.mapType;
    return {
      ...rules,
      ...(mapType === undefined ? {} : { mapType }),
      type: 'struct',
      items: undefined,
      property: (name) => struct.property(name),
      get order() {
        return struct.order;
      },
    };
  }
  if (definition.type === 'array') {
    const items = fieldSchema(definition.items ?? {}, structOf);
    return { ...rules, type: 'list', items, property: () => undefined };
  }
  if (definition.type === 'object' && definition.additionalProperties !== undefined) {
    const member = fieldSchema(definition.additionalProperties, structOf);
    return { ...rules, type: 'map', items: undefined, property: () => member };
  }
  const scalar = SCALAR_TYPES[definition.type ?? ''];
  if (scalar === undefined) return leaf('any', rules);
  const { default: fallback } = definition;
  return { ...leaf('scalar', rules), scalar, ...(fallback === undefined ? {} : { default: fallback }) };
}

/** A field that Go always writes counts with its zero value where it is missing, as upstream's generated schemas say. */
export function withZero(field: FieldSchema, wire: string): FieldSchema {
  const { scalar, default: fallback } = field;
  if (!wire.startsWith('V') || scalar === undefined || scalar === 'untyped' || fallback !== undefined)
    return field;
  return { ...field, default: scalar === 'string' ? '' : scalar === 'numeric' ? 0 : false };
}

const SCALAR_TYPES: Readonly<Record<string, NonNullable<FieldSchema['scalar']>>> = {
  string: 'string',
  integer: 'numeric',
  number: 'numeric',
  boolean: 'boolean',
};

function leaf(type: 'scalar' | 'any', rules: MergeRules = UNMERGED): FieldSchema {
  return { ...rules, type, items: undefined, property: () => undefined };
}
