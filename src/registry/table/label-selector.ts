import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';

/** A selector in one line, `a=b,c in (d,e),!f`; `<none>` for one that is absent or empty. */
export function formatLabelSelector(selector: DeepReadonly<LabelSelector> | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = [...(values ?? [])].sort().join(',');
    if (operator === 'Exists') parts.push({ key, text: key });
    else if (operator === 'DoesNotExist') parts.push({ key, text: `!${key}` });
    else parts.push({ key, text: `${key} ${operator === 'In' ? 'in' : 'notin'} (${list})` });
  }
  if (parts.length === 0) return '<none>';
  return parts
    .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0))
    .map((part) => part.text)
    .join(',');
}
