import { deepEqualJson } from '../../apimachinery/json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import type { ClusterRole, PolicyRule } from '../../apis/rbac/index.ts';

/**
 * The rules of a role that is made of others: selector by selector, role by role in the order of their names, each rule
 * once. Undefined for a role that is made of none.
 */
export function gatheredRules(
  role: DeepReadonly<ClusterRole>,
  all: readonly DeepReadonly<ClusterRole>[],
): DeepReadonly<PolicyRule[]> | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const sorted = all
    .filter(({ metadata }) => metadata.name !== role.metadata.name)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const rules: DeepReadonly<PolicyRule>[] = [];
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
    for (const other of sorted) {
      if (!labelSelectorMatches(selector, other.metadata.labels ?? {})) continue;
      for (const rule of other.rules ?? []) {
        if (!rules.some((known) => deepEqualJson(known, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}
