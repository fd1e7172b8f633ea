import type { UserInfo } from '../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { labelSelectorMatches } from '../../apimachinery/selectors/index.ts';
import type {
  ClusterRole,
  ClusterRoleBinding,
  PolicyRule,
  Role,
  RoleBinding,
  Subject,
} from '../../apis/rbac/index.ts';

type Rules = DeepReadonly<PolicyRule[]>;
type Binding = DeepReadonly<RoleBinding | ClusterRoleBinding>;

/** Why a user has some rules, or why a binding that names the user gives none. */
export type Grant =
  | { readonly binding: Binding; readonly subject: DeepReadonly<Subject>; readonly rules: Rules }
  | { readonly binding: Binding; readonly missing: string };

/**
 * All roles and bindings, found by whom they are bound to. Looking a user up costs what is bound to that user and its
 * groups, however many bindings there are.
 */
export class Grants {
  readonly #clusterRoles = new Map<string, DeepReadonly<ClusterRole>>();
  readonly #roles = new Map<string, DeepReadonly<Role>>();
  readonly #bindings = new Map<string, Binding>();
  /** Keys of bindings by subject: `User/bob`, `Group/dev`, `User/system:serviceaccount:ns:name`. */
  readonly #bySubject = new Map<string, Set<string>>();

  /** Takes in a role or binding, new or changed. */
  put(object: DeepReadonly<Role | ClusterRole | RoleBinding | ClusterRoleBinding>): void {
    const key = keyOf(object);
    if (object.kind === 'ClusterRole') this.#clusterRoles.set(key, object as DeepReadonly<ClusterRole>);
    else if (object.kind === 'Role') this.#roles.set(key, object as DeepReadonly<Role>);
    else {
      this.#unlink(key);
      this.#bindings.set(key, object as Binding);
      for (const subject of subjectsOf(object as Binding)) {
        const keys = this.#bySubject.get(subject) ?? new Set();
        this.#bySubject.set(subject, keys.add(key));
      }
    }
  }

  /** Forgets a role or binding. */
  remove(object: DeepReadonly<Role | ClusterRole | RoleBinding | ClusterRoleBinding>): void {
    const key = keyOf(object);
    if (object.kind === 'ClusterRole') this.#clusterRoles.delete(key);
    else if (object.kind === 'Role') this.#roles.delete(key);
    else {
      this.#unlink(key);
      this.#bindings.delete(key);
    }
  }

  #unlink(key: string): void {
    const binding = this.#bindings.get(key);
    if (binding === undefined) return;
    for (const subject of subjectsOf(binding)) {
      const keys = this.#bySubject.get(subject);
      keys?.delete(key);
      if (keys?.size === 0) this.#bySubject.delete(subject);
    }
  }

  /** What is granted to a user: over the cluster, then in that namespace (empty: none). In the order of the bindings' names. */
  *of(user: UserInfo, namespace: string): Generator<Grant> {
    const subjects = [`User/${user.username}`, ...user.groups.map((group) => `Group/${group}`)];
    const keys = new Set<string>();
    for (const subject of subjects) for (const key of this.#bySubject.get(subject) ?? []) keys.add(key);
    const found = [...keys].sort().map((key) => this.#bindings.get(key));
    const applies = (binding: Binding | undefined, clusterWide: boolean): binding is Binding =>
      binding !== undefined &&
      (clusterWide
        ? binding.kind === 'ClusterRoleBinding'
        : binding.kind === 'RoleBinding' && binding.metadata.namespace === namespace);
    for (const binding of found) if (applies(binding, true)) yield this.#grantOf(binding, subjects);
    if (namespace === '') return;
    for (const binding of found) if (applies(binding, false)) yield this.#grantOf(binding, subjects);
  }

  #grantOf(binding: Binding, wanted: readonly string[]): Grant {
    const rules = this.rulesOf(binding.roleRef, binding.metadata.namespace ?? '');
    if (rules === undefined) {
      const kind = binding.roleRef.kind.toLowerCase();
      return {
        binding,
        missing: `${kind}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef.name)} not found`,
      };
    }
    const subject = (binding.subjects ?? []).find((each) => wanted.includes(subjectKey(each, binding)));
    return { binding, rules, subject: subject ?? { kind: 'User', name: '' } };
  }

  /** The rules of a role; undefined when there is no such role. */
  rulesOf(ref: { readonly kind: string; readonly name: string }, namespace: string): Rules | undefined {
    if (ref.kind === 'Role') {
      const role = this.#roles.get(`${namespace}/${ref.name}`);
      return role === undefined ? undefined : (role.rules ?? []);
    }
    const role = this.#clusterRoles.get(ref.name);
    return role === undefined ? undefined : this.#rulesOfClusterRole(role, new Set());
  }

  /** A role's own rules and those of the roles that it is made of, each role once. */
  #rulesOfClusterRole(role: DeepReadonly<ClusterRole>, seen: Set<string>): Rules {
    seen.add(role.metadata.name);
    const own = role.rules ?? [];
    const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
    if (selectors.length === 0) return own;
    const rules = [...own];
    for (const other of this.#clusterRoles.values()) {
      if (seen.has(other.metadata.name)) continue;
      const labels = other.metadata.labels ?? {};
      if (selectors.some((selector) => labelSelectorMatches(selector, labels))) {
        rules.push(...this.#rulesOfClusterRole(other, seen));
      }
    }
    return rules;
  }
}

/** Unique among objects of one scope, and so among those that one map holds. */
function keyOf({
  metadata,
}: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string {
  return metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
}

function subjectsOf(binding: Binding): string[] {
  return (binding.subjects ?? []).map((subject) => subjectKey(subject, binding));
}

/** Service accounts are users with a name made of theirs; in a namespace's binding they are of that one by default. */
function subjectKey(subject: DeepReadonly<Subject>, binding: Binding): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind}/${subject.name}`;
  const namespace = subject.namespace || binding.metadata.namespace || '';
  return `User/system:serviceaccount:${namespace}:${subject.name}`;
}
