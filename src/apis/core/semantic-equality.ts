/** Fields that are maps: an empty one means the same as none, which does not hold for other objects. */
const MAPS: ReadonlySet<string> = new Set([
  'annotations',
  'labels',
  'limits',
  'matchLabels',
  'nodeSelector',
  'overhead',
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
  for (const key in left) if (!sameMeaning(left[key], right[key], key)) return false;
  for (const key in right) if (!(key in left) && !isNothing(right[key], key)) return false;
  return true;
}

function isNothing(value: unknown, field: string): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.length === 0;
  return MAPS.has(field) && Object.keys(value).length === 0;
}
