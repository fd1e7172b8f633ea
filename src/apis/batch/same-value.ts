/** Fields that are maps: whether one is empty or absent is no difference. Of structures, `{}` is a value. */
const MAPS: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'nodeSelector',
  'matchLabels',
  'limits',
  'requests',
  'overhead',
  'volumeAttributes',
  'options',
]);

/** Equality of two served values as the API means it: an absent list and an empty one are the same, and so with maps. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((each, at) => sameValue(each, right[at]));
  }
  const [ours, theirs] = [left as Record<string, unknown>, right as Record<string, unknown>];
  for (const key in ours) if (!sameField(key, ours[key], theirs[key])) return false;
  for (const key in theirs) if (!(key in ours) && !sameField(key, undefined, theirs[key])) return false;
  return true;
}

function sameField(key: string, left: unknown, right: unknown): boolean {
  if (sameValue(left, right)) return true;
  return MAPS.has(key) && isEmptyMap(left) && isEmptyMap(right);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function isEmptyMap(value: unknown): boolean {
  return isNothing(value) || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
