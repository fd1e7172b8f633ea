/**
 * The words in which Kubernetes refuses a value of the wrong type after a strategic merge patch. It then converts values
 * that are decoded already, instead of decoding a text, and complains otherwise. Source: runtime.DefaultUnstructuredConverter.
 */

/** What the value was to become: a scalar, a struct, a list, a map, or a type that reads JSON by itself. */
export type Target = 'scalar' | 'struct' | 'slice' | 'map' | 'self';

/** Why a value cannot be converted. `goType` is the type that it was to have. */
export function conversionComplaint(value: unknown, goType: string, target: Target): string {
  const kind = kindOf(value);
  switch (target) {
    case 'struct':
      return `cannot restore struct from: ${kind}`;
    case 'slice':
      return `cannot restore slice from ${kind}`;
    case 'map':
      return `cannot restore map from ${kind}`;
    case 'self':
      return `json: cannot unmarshal ${jsonKindOf(value, goType)} into Go value of type ${goType}`;
    default: {
      const numeric = kind === 'int64' || kind === 'float64';
      // Go converts whole numbers to texts, and any numbers to each other; what it never converts it does not recognize.
      const related = /^u?int|^float/.test(goType) ? numeric : kind === 'int64' && goType !== 'bool';
      return related ? `cannot convert ${kind} to ${goType}` : `unrecognized type: ${plainKind(goType)}`;
    }
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map';
}

function jsonKindOf(value: unknown, goType: string): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') {
    return goType.startsWith('int') ? `number ${value}` : 'number';
  }
  return typeof value === 'string' ? 'string' : 'object';
}

/** The kind of a type: all named scalars of the API (`v1.PullPolicy`) are texts. */
function plainKind(goType: string): string {
  return goType.includes('.') ? 'string' : goType;
}
