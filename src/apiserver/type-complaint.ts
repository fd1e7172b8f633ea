/** What is wrong with the type that a body says it is of, in the words of upstream's decoder. */

/** How the complaint begins when the body's own type cannot be found out. */
export const NO_TYPE = "couldn't get version/kind; json parse error: ";
/** Go's type into which it reads that type. */
const TYPE_STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** What upstream has against the type that a body says it is of; undefined for nothing. Source: Interpret in k8s.io/apimachinery/…/json/meta.go. */
export function typeComplaint(body: unknown): string | undefined {
  if (typeof body !== 'object' || Array.isArray(body)) {
    return `${NO_TYPE}json: cannot unmarshal ${goKind(body)} into Go value of type ${TYPE_STRUCT}`;
  }
  const said = body as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(said)) {
    if (field !== 'apiVersion' && field !== 'kind') continue;
    const value = said[field];
    if (typeof value === 'string' || value === null) continue;
    return `${NO_TYPE}json: cannot unmarshal ${goKind(value)} into Go struct field .${field} of type string`;
  }
  const { apiVersion } = said;
  if (typeof apiVersion !== 'string' || apiVersion.split('/').length <= 2) return undefined;
  return `unexpected GroupVersion string: ${apiVersion}`;
}

/** What Go's decoder calls a JSON value in its complaints. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null || value === undefined ? 'null' : typeof value;
}
