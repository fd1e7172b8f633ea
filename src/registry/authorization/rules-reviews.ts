import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import type {
  NonResourceRule,
  ResourceRule,
  SelfSubjectRulesReview,
} from '../../apis/authorization/index.ts';
import type { PolicyRule } from '../../apis/rbac/index.ts';
import type { VirtualResource } from '../../apiserver/index.ts';

/** Whoever can list the rules that hold for a user. */
export interface RuleSource {
  rulesFor(
    user: UserInfo,
    namespace: string,
  ): { readonly rules: readonly DeepReadonly<PolicyRule>[]; readonly missing: readonly string[] };
}

/** `selfsubjectrulesreviews`: lists what the caller may do in a namespace (`kubectl auth can-i --list`). */
export function selfSubjectRulesReviews(source: RuleSource): VirtualResource {
  return {
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    kind: 'SelfSubjectRulesReview',
    namespaced: false,
    schema: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
    async create(request, context) {
      const namespace = ((request.body ?? {}) as Partial<SelfSubjectRulesReview>).spec?.namespace ?? '';
      if (namespace === '') throw newBadRequest('no namespace on request');
      const { rules, missing } = source.rulesFor(context.user, namespace);
      const object = {
        kind: 'SelfSubjectRulesReview',
        apiVersion: 'authorization.k8s.io/v1',
        metadata: {},
        spec: {},
        status: {
          resourceRules: rules.flatMap(resourceRule),
          nonResourceRules: rules.flatMap(nonResourceRule),
          incomplete: false,
          ...(missing.length === 0 ? {} : { evaluationError: missing.join(', ') }),
        },
      };
      return { kind: 'object', code: 201, object };
    },
  };
}

function resourceRule({
  verbs,
  apiGroups,
  resources,
  resourceNames,
}: DeepReadonly<PolicyRule>): ResourceRule[] {
  if (resources === undefined || resources.length === 0) return [];
  return [
    {
      verbs: [...verbs],
      apiGroups: [...(apiGroups ?? [])],
      resources: [...resources],
      ...(resourceNames === undefined ? {} : { resourceNames: [...resourceNames] }),
    },
  ];
}

function nonResourceRule({ verbs, nonResourceURLs }: DeepReadonly<PolicyRule>): NonResourceRule[] {
  if (nonResourceURLs === undefined || nonResourceURLs.length === 0) return [];
  return [{ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] }];
}
