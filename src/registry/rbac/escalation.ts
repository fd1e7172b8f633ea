import { goQuote } from '../../apimachinery/go-text.ts';
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newForbidden, newNotFound } from '../../apimachinery/status-error.ts';
import {
  type ClusterRole,
  type ClusterRoleBinding,
  describeRules,
  type PolicyRule,
  RBAC_GROUP,
  type Role,
  type RoleBinding,
  uncovered,
} from '../../apis/rbac/index.ts';
import type { AdmissionPlugin, Attributes, RequestContext } from '../../apiserver/index.ts';
import type { RbacAuthorizer } from './authorizer.ts';

const MASTERS = 'system:masters';
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles']);
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);

/** What one has to hold to make a role that gathers whatever others will hold. */
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

type Rules = DeepReadonly<PolicyRule[]>;

/**
 * Refuses to grant what the one who grants does not hold: a role with more rules than the author has (unless the author
 * may `escalate` it), a binding of a role that allows more than the author has (unless the author may `bind` it). Members
 * of system:masters are not asked.
 */
export function escalationCheck(authorizer: RbacAuthorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    handles: ({ verb, group, resource }) =>
      group === RBAC_GROUP &&
      (ROLES.has(resource) || BINDINGS.has(resource)) &&
      (verb === 'create' || verb === 'update' || verb === 'patch'),
    admit(object, old, context) {
      if (object === undefined || context.user.groups.includes(MASTERS)) return;
      const check = new Escalation(authorizer, context);
      if (BINDINGS.has(context.request.resource)) check.binding(object as unknown as Binding, old);
      else check.role(object as unknown as AnyRole, old);
    },
  };
}

type AnyRole = DeepReadonly<Role | ClusterRole>;
type Binding = DeepReadonly<RoleBinding | ClusterRoleBinding>;

/** The check of one write. */
class Escalation {
  readonly #authorizer: RbacAuthorizer;
  readonly #context: RequestContext;

  constructor(authorizer: RbacAuthorizer, context: RequestContext) {
    this.#authorizer = authorizer;
    this.#context = context;
  }

  role(role: AnyRole, old: DeepReadonly<ApiObject> | undefined): void {
    const { name } = this.#context.request;
    const { resource } = this.#context.request;
    if (this.#may('escalate', resource, name) || onlyCollected(role, old)) return;
    this.#confirm(role.metadata.name, role.rules ?? []);
    if (!gathers(role) && !(old !== undefined && gathers(old as unknown as AnyRole))) return;
    if (this.#missing(EVERYTHING).length === 0) return;
    const why = 'must have cluster-admin privileges to use the aggregationRule';
    throw newForbidden(RBAC_GROUP, resource, role.metadata.name, why);
  }

  binding(binding: Binding, old: DeepReadonly<ApiObject> | undefined): void {
    if (onlyCollected(binding, old)) return;
    const { kind, name } = binding.roleRef;
    const resource = kind === 'Role' ? 'roles' : 'clusterroles';
    if (this.#may('bind', resource, name)) return;
    const rules = this.#authorizer.rulesOf(binding.roleRef, this.#namespace);
    // Upstream looks the role up in the name of this request, and so misses a binding.
    if (rules === undefined) throw newNotFound(RBAC_GROUP, this.#context.request.resource, name);
    this.#confirm(binding.metadata.name, rules);
  }

  get #namespace(): string {
    return this.#context.request.namespace ?? '';
  }

  #may(verb: string, resource: string, name: string | undefined): boolean {
    const asked: Attributes = {
      kind: 'resource',
      user: this.#context.user,
      verb,
      group: RBAC_GROUP,
      version: '*',
      resource,
      ...(this.#namespace === '' ? {} : { namespace: this.#namespace }),
      ...(name === undefined ? {} : { name }),
    };
    return this.#authorizer.authorize(asked).allowed;
  }

  #missing(rules: Rules): Rules {
    return uncovered(this.#authorizer.rulesFor(this.#context.user, this.#namespace).rules, rules);
  }

  #confirm(name: string, rules: Rules): void {
    const missing = this.#missing(rules);
    if (missing.length === 0) return;
    const { user, request } = this.#context;
    const groups = user.groups.map(goQuote).join(' ');
    const why = `user ${goQuote(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}`;
    const { missing: unresolved } = this.#authorizer.rulesFor(user, this.#namespace);
    const doubts = unresolved.length === 0 ? '' : `; resolution errors: [${unresolved.join(', ')}]`;
    throw newForbidden(RBAC_GROUP, request.resource, name, why + doubts);
  }
}

function gathers(role: AnyRole): boolean {
  return 'aggregationRule' in role && (role.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;
}

/** Whether an update changes nothing but what the garbage collector does: finalizers and owners. */
function onlyCollected(object: AnyRole | Binding, old: DeepReadonly<ApiObject> | undefined): boolean {
  if (old === undefined) return false;
  const { ownerReferences: _, finalizers: __, managedFields: ___, ...metadata } = object.metadata;
  const kept: Record<string, unknown> = { ...metadata };
  for (const field of ['ownerReferences', 'finalizers', 'managedFields'] as const) {
    if (old.metadata[field] !== undefined) kept[field] = old.metadata[field];
  }
  return deepEqualJson({ ...object, metadata: kept }, old);
}
