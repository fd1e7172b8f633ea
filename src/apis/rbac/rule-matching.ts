/** Whether a rule of a role allows something. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PolicyRule } from './types.ts';

/** What somebody wants to do to a resource. */
export interface ResourceAccess {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
}

type Rule = DeepReadonly<PolicyRule>;

/** Whether the rule allows that access. An entry `*` stands for anything. */
export function allowsResource(rule: Rule, access: ResourceAccess): boolean {
  const { verb, group, resource, subresource = '', name = '' } = access;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return (
    contains(rule.verbs, verb) &&
    contains(rule.apiGroups, group) &&
    (contains(rule.resources, whole) ||
      (subresource !== '' && (rule.resources ?? []).includes(`*/${subresource}`))) &&
    ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(name))
  );
}

/** Whether the rule allows that verb on a plain path. An entry that ends with `*` stands for all paths that begin so. */
export function allowsPath(rule: Rule, verb: string, path: string): boolean {
  return (
    contains(rule.verbs, verb) &&
    (rule.nonResourceURLs ?? []).some(
      (url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))),
    )
  );
}

function contains(entries: readonly string[] | undefined, wanted: string): boolean {
  return entries?.some((entry) => entry === '*' || entry === wanted) ?? false;
}
