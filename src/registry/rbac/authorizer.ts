import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Watch } from '../../apimachinery/watch-event.ts';
import {
  allowsPath,
  allowsResource,
  type ClusterRole,
  type ClusterRoleBinding,
  type PolicyRule,
  RBAC_GROUP,
  type Role,
  type RoleBinding,
} from '../../apis/rbac/index.ts';
import type { Attributes, Authorizer, Decision } from '../../apiserver/index.ts';
import type { Storage, StorageError } from '../../storage/storage.ts';
import { type Grant, Grants } from './grants.ts';

/** The group that may do everything, whatever the bindings say: what the server's own certificates carry. */
const MASTERS = 'system:masters';
const ALLOWED: Decision = { allowed: true };

type RbacObject = DeepReadonly<Role | ClusterRole | RoleBinding | ClusterRoleBinding>;

/** Decides by roles and bindings, as Kubernetes' RBAC does: what no rule allows is refused. */
export class RbacAuthorizer implements Authorizer {
  readonly #grants = new Grants();
  readonly #watches: Watch[] = [];

  private constructor() {}

  /**
   * Reads the roles and bindings of a store and follows their changes. `lost` is called once if the store can no longer
   * be followed; the authorizer then keeps deciding by what it knew.
   */
  static async open(
    storage: Storage,
    lost: (reason: StorageError | undefined) => void,
  ): Promise<RbacAuthorizer> {
    const authorizer = new RbacAuthorizer();
    for (const resource of ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings']) {
      const prefix = `/${RBAC_GROUP}/${resource}/`;
      const page = await storage.list(prefix);
      for (const { object } of page.items) authorizer.#grants.put(rbacObject(object));
      authorizer.#watches.push(
        storage.watch(prefix, page.revision, {
          next: (events) => {
            for (const { type, object } of events) {
              if (type === 'put') authorizer.#grants.put(rbacObject(object));
              else authorizer.#grants.remove(rbacObject(object));
            }
          },
          end: lost,
        }),
      );
    }
    return authorizer;
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.stop();
  }

  authorize(attributes: Attributes): Decision {
    if (attributes.user.groups.includes(MASTERS)) return ALLOWED;
    const missing = new Set<string>();
    const namespace = attributes.kind === 'resource' ? (attributes.namespace ?? '') : '';
    for (const grant of this.#grants.of(attributes.user, namespace)) {
      if ('missing' in grant) missing.add(grant.missing);
      else if (grant.rules.some((rule) => allows(rule, attributes))) {
        return { allowed: true, reason: `RBAC: allowed by ${describe(grant)}` };
      }
    }
    if (missing.size === 0) return { allowed: false };
    const texts = [...missing];
    return { allowed: false, reason: `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}` };
  }

  /** The rules of a role, as a binding of that namespace refers to it; undefined when there is no such role. */
  rulesOf(
    ref: { readonly kind: string; readonly name: string },
    namespace: string,
  ): DeepReadonly<PolicyRule[]> | undefined {
    return this.#grants.rulesOf(ref, namespace);
  }

  /** Every rule that holds for a user in a namespace, and what could not be found out. */
  rulesFor(user: UserInfo, namespace: string): { rules: DeepReadonly<PolicyRule>[]; missing: string[] } {
    const rules: DeepReadonly<PolicyRule>[] = [];
    const missing: string[] = [];
    for (const grant of this.#grants.of(user, namespace)) {
      if ('missing' in grant) missing.push(grant.missing);
      else rules.push(...grant.rules);
    }
    return { rules, missing };
  }
}

/** The store holds nothing else under these prefixes. */
function rbacObject(object: DeepReadonly<ApiObject>): RbacObject {
  return object as RbacObject;
}

function allows(rule: DeepReadonly<PolicyRule>, attributes: Attributes): boolean {
  return attributes.kind === 'path'
    ? allowsPath(rule, attributes.verb, attributes.path)
    : allowsResource(rule, attributes);
}

/** The binding that decided, as an access review tells it. */
function describe({ binding, subject }: Extract<Grant, { rules: unknown }>): string {
  const { namespace = '', name } = binding.metadata;
  const who =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || namespace}` : subject.name;
  const bindingName = namespace === '' ? name : `${name}/${namespace}`;
  const role = `${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)}`;
  return `${binding.kind} ${JSON.stringify(bindingName)} of ${role} to ${subject.kind} ${JSON.stringify(who)}`;
}
