/** What many objects use of a quota together. */
import type { ApiObject, DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { ResourceQuota } from '../types.ts';
import { selects } from './match.ts';
import { addUsage, concerns, type Usage, usageOf } from './usage.ts';

/** The objects of one resource in the quota's namespace. */
export interface CountedObjects {
  readonly group: string;
  readonly resource: string;
  readonly objects: readonly DeepReadonly<ApiObject>[];
}

/** What the objects use of each name in the quota's `spec.hard`; `now` in wall milliseconds. */
export function quotaUsage(
  quota: DeepReadonly<ResourceQuota>,
  counted: readonly CountedObjects[],
  now: number,
): Usage {
  // What nothing can use is not counted.
  const names = Object.keys(quota.spec.hard ?? {}).filter((name) =>
    counted.some(({ group, resource }) => concerns(name, group, resource)),
  );
  let used: Usage = Object.fromEntries(names.map((name) => [name, '0']));
  for (const { group, resource, objects } of counted) {
    const own = names.filter((name) => concerns(name, group, resource));
    if (own.length === 0) continue;
    for (const object of objects) {
      if (!selects(quota, resource, object)) continue;
      const usage = usageOf(group, resource, object, now);
      const more = own.flatMap((name) => (usage[name] === undefined ? [] : [[name, usage[name]] as const]));
      used = addUsage(used, Object.fromEntries(more));
    }
  }
  return used;
}
