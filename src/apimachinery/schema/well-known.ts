/** Definitions that are no structs in JSON, though the document writes them like those: they have Go code of their own. */
import { type Decode, decodeIntOrString, decodeQuantity, decodeTime } from './scalars.ts';

const SCALAR_REFS: Readonly<Record<string, Decode>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': decodeQuantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': decodeIntOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': decodeTime(false),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': decodeTime(true),
};

/** What a null stands for among the items of a list or the members of a map; a time is null itself. */
const ZERO_REFS: Readonly<Record<string, unknown>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': '0',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 0,
};

const ANY_REFS = new Set([
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'io.k8s.apimachinery.pkg.runtime.RawExtension',
]);

/** Whether the definition is a scalar. */
export function isScalarRef(id: string): boolean {
  return SCALAR_REFS[id] !== undefined;
}

/** Whether anything may stand there. */
export function isAnyRef(id: string): boolean {
  return ANY_REFS.has(id);
}

/** The decoder of a definition that is a scalar; undefined for others. */
export function scalarDecoder(id: string): Decode | undefined {
  return SCALAR_REFS[id];
}

/** What Go makes of a null that is to be such a scalar. */
export function scalarZero(id: string): unknown {
  return ZERO_REFS[id] ?? null;
}
