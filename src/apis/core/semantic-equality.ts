/** Fields that are maps: an empty one means the same as none, which does not hold for other objects. */
const MAPS: ReadonlySet<string> = new Set([
  'annotations',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'overhead',
  'parameters',
  'requests',
]);

/** Whether two API values mean the same: an absent field, an empty text, an empty list and an empty map are one. */
export function sameMeaning(a: unknown, b: unknown, field = ''): boolean {
  if (a === b) return true;
  if (isNothing(a, field)) return isNothing(b, field);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, index) => sameMeaning(each, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  if (MAPS.has(field)) return sameEntries(left, right);
  for (const key in left) if (!sameMeaning(left[key], right[key], key)) return false;
  for (const key in right) if (!(key in left) && !isNothing(right[key], key)) return false;
  return true;
}

/** Whether two maps have the same keys with the same values: an empty text is a value there. */
function sameEntries(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && left[key] === right[key]);
}

function isNothing(value: unknown, field: string): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  return MAPS.has(field) && Object.keys(value).length === 0;
}
