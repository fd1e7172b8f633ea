/** What a default role or binding needs at a start, when somebody may have changed it since the last one. */
import { isDeepStrictEqual } from 'node:util';
import type { ApiObject, DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';
import { uncovered } from './coverage.ts';
import type { ClusterRole, ClusterRoleBinding, Subject } from './types.ts';

/** What is to be done about a stored object. `replace`: delete it and create the expected one. */
export type Repair =
  | { readonly kind: 'none' }
  | { readonly kind: 'update'; readonly object: DeepReadonly<ApiObject> }
  | { readonly kind: 'replace' };

/** The annotation by which an administrator keeps a default object as it is. */
const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

const NONE = { kind: 'none' } as const;

// What a Role and a RoleBinding may hold, these may too.
type AnyRole = ClusterRole;
type AnyBinding = ClusterRoleBinding;
type Metadata = DeepReadonly<AnyRole['metadata']>;

/**
 * Compares a stored role with the default: labels, annotations, rules and selectors that are missing are added, extra ones
 * stay. Rules of an aggregated role are the business of its controller. Upstream: component-helpers/auth/rbac.
 */
export function roleRepair(existing: DeepReadonly<AnyRole>, expected: DeepReadonly<Draft<AnyRole>>): Repair {
  if (isProtected(existing.metadata)) return NONE;
  const selectors = selectorsOf(expected);
  const held = existing.rules ?? [];
  // Most roles are as they were made, and telling that is much quicker than taking their rules apart.
  const isAggregated = selectors !== undefined;
  const wanted = isAggregated || isDeepStrictEqual(held, expected.rules) ? [] : (expected.rules ?? []);
  const missingRules = uncovered(held, wanted);
  const aggregation = reconciledSelectors(selectorsOf(existing), selectors);
  const rules = missingRules.length === 0 ? {} : { rules: [...held, ...missingRules] };
  const { aggregationRule: _, ...rest } = existing;
  return changed(existing, {
    ...rest,
    metadata: mergedMetadata(existing.metadata, expected.metadata),
    ...rules,
    ...(aggregation === undefined ? {} : { aggregationRule: { clusterRoleSelectors: aggregation } }),
  });
}

/**
 * Compares a stored binding with the default: what is missing is added, extra subjects stay. What a binding gives cannot be
 * changed, so that one with another role is made anew.
 */
export function bindingRepair(
  existing: DeepReadonly<AnyBinding>,
  expected: DeepReadonly<Draft<AnyBinding>>,
): Repair {
  if (isProtected(existing.metadata)) return NONE;
  if (!isDeepStrictEqual(existing.roleRef, expected.roleRef)) return { kind: 'replace' };
  const held: readonly DeepReadonly<Subject>[] = existing.subjects ?? [];
  const missing = (expected.subjects ?? []).filter((subject) => !held.some((each) => isSame(each, subject)));
  return changed(existing, {
    ...existing,
    metadata: mergedMetadata(existing.metadata, expected.metadata),
    ...(missing.length === 0 ? {} : { subjects: [...held, ...missing] }),
  });
}

function changed(existing: DeepReadonly<ApiObject>, wanted: DeepReadonly<ApiObject>): Repair {
  return isDeepStrictEqual(existing, wanted) ? NONE : { kind: 'update', object: wanted };
}

function isProtected({ annotations }: Metadata): boolean {
  return annotations?.[AUTO_UPDATE] === 'false';
}

function mergedMetadata(existing: Metadata, expected: DeepReadonly<Partial<AnyRole['metadata']>>): Metadata {
  return {
    ...existing,
    labels: { ...expected.labels, ...existing.labels },
    annotations: { ...expected.annotations, ...existing.annotations },
  };
}

type Selectors = readonly DeepReadonly<LabelSelector>[];

function selectorsOf(role: DeepReadonly<Draft<AnyRole>>): Selectors | undefined {
  const { aggregationRule } = role;
  return aggregationRule === undefined ? undefined : (aggregationRule.clusterRoleSelectors ?? []);
}

/** A role that is no aggregated one loses the selectors that somebody gave it. */
function reconciledSelectors(
  existing: Selectors | undefined,
  expected: Selectors | undefined,
): Selectors | undefined {
  if (expected === undefined) return undefined;
  const held = existing ?? [];
  return [...held, ...expected.filter((each) => !held.some((other) => isDeepStrictEqual(each, other)))];
}

function isSame(a: DeepReadonly<Subject>, b: DeepReadonly<Subject>): boolean {
  const same = (key: keyof Subject): boolean => (a[key] ?? '') === (b[key] ?? '');
  return same('kind') && same('apiGroup') && same('namespace') && same('name');
}
