/** What a set of rules allows beyond another: nobody may give away more than they have. */
import { goQuote } from '../../apimachinery/go-text.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { PolicyRule } from './types.ts';

type Rule = DeepReadonly<PolicyRule>;

/**
 * The parts of `wanted` that `held` does not allow, each with one verb on one resource or path. A part is allowed when a
 * single rule of `held` allows it whole: rules do not add up, as upstream has it.
 */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] {
  return wanted.flatMap(parts).filter((part) => !held.some((rule) => covers(rule, part)));
}

/** A rule as many that say one thing each. */
function parts({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: Rule): Rule[] {
  const found: Rule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) found.push(part);
        else for (const name of resourceNames) found.push({ ...part, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs)
    for (const verb of verbs) found.push({ nonResourceURLs: [url], verbs: [verb] });
  return found;
}

/** Whether a rule allows a part. */
function covers(rule: Rule, part: Rule): boolean {
  return (
    all(rule.verbs, part.verbs) &&
    all(rule.apiGroups, part.apiGroups) &&
    (part.resources ?? []).every((resource) => coversResource(rule.resources ?? [], resource)) &&
    (part.nonResourceURLs ?? []).every((url) => coversUrl(rule.nonResourceURLs ?? [], url)) &&
    coversNames(rule.resourceNames ?? [], part.resourceNames ?? [])
  );
}

/** Whether a list has every wanted entry, or the one that stands for all. */
function all(entries: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return entries.includes('*') || wanted.every((each) => entries.includes(each));
}

function coversResource(resources: readonly string[], wanted: string): boolean {
  if (resources.includes('*') || resources.includes(wanted)) return true;
  const slash = wanted.indexOf('/');
  return slash >= 0 && resources.includes(`*${wanted.slice(slash)}`);
}

function coversUrl(urls: readonly string[], wanted: string): boolean {
  return urls.some(
    (url) => url === wanted || (url.endsWith('*') && wanted.startsWith(url.replace(/\*+$/, ''))),
  );
}

/** A rule without names is for all objects; one with names does not cover a part that is for all. */
function coversNames(names: readonly string[], wanted: readonly string[]): boolean {
  if (names.length === 0) return true;
  return wanted.length > 0 && wanted.every((each) => names.includes(each));
}

/** Rules in a few lines, as the message about a refused grant shows them: one a resource, sorted. */
export function describeRules(rules: readonly Rule[]): string {
  return [...new Set(gathered(rules).map(describeRule))].sort().join('\n');
}

/** Rules that differ in their verbs alone become one; what is about one resource comes out so. */
function gathered(rules: readonly Rule[]): readonly Rule[] {
  const others: Rule[] = [];
  const simple: { rule: Rule; verbs: string[] }[] = [];
  const byResource = new Map<string, { rule: Rule; verbs: string[] }>();
  for (const rule of rules) {
    const { verbs, ...about } = rule;
    if (about.nonResourceURLs !== undefined) {
      others.push(rule);
      continue;
    }
    const key = JSON.stringify([about.apiGroups, about.resources, about.resourceNames]);
    const known = byResource.get(key);
    if (known !== undefined) known.verbs.push(...verbs);
    else {
      const entry = { rule, verbs: [...verbs] };
      byResource.set(key, entry);
      simple.push(entry);
    }
  }
  return [...others, ...simple.map(({ rule, verbs }) => ({ ...rule, verbs }))];
}

function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: Rule): string {
  const fields = {
    APIGroups: apiGroups,
    Resources: resources,
    NonResourceURLs: nonResourceURLs,
    ResourceNames: resourceNames,
    Verbs: verbs,
  };
  const shown = Object.entries(fields)
    .filter(([, texts]) => texts !== undefined && texts.length > 0)
    .map(([name, texts = []]) => `${name}:[${texts.map(goQuote).join(' ')}]`);
  return `{${shown.join(', ')}}`;
}
