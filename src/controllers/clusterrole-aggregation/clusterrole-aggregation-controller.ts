import { deepEqualJson } from '../../apimachinery/json.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { ClusterRole } from '../../apis/rbac/index.ts';
import {
  CLUSTERROLES,
  type Client,
  type Component,
  type ComponentContext,
  type Lister,
  newController,
  newWorkqueue,
  type Reconciler,
} from '../../client/index.ts';
import { gatheredRules } from './gathered-rules.ts';

/** Roles worked on at the same time (upstream starts five workers). */
const WORKERS = 5;
/** Who applies the rules, as upstream's controller names itself. */
const FIELD_MANAGER = 'clusterrole-aggregation-controller';

/** The controller as a component. */
export function newClusterRoleAggregationController(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const roles = context.informer(CLUSTERROLES);
  const queue = newWorkqueue({ name: 'ClusterRoleAggregator', clock, metrics });
  // Any role may be a part of any other, so each change looks at all that are made of some: there are few roles.
  const changed = (): void => {
    for (const { aggregationRule, metadata } of roles.lister.list()) {
      if (aggregationRule !== undefined) queue.add(metadata.name);
    }
  };
  roles.onChange({ added: changed, updated: changed, deleted: changed });
  return newController({
    name: FIELD_MANAGER,
    reconciler: new AggregationReconciler(client, roles.lister),
    queue,
    log,
    informers: [roles],
    workers: WORKERS,
  });
}

/** Writes down the rules that one role has gathered. */
class AggregationReconciler implements Reconciler {
  readonly #client: Client;
  readonly #roles: Lister<ClusterRole>;

  constructor(client: Client, roles: Lister<ClusterRole>) {
    this.#client = client;
    this.#roles = roles;
  }

  async sync(name: string): Promise<undefined> {
    const role = this.#roles.get('', name);
    const rules = role === undefined ? undefined : gatheredRules(role, this.#roles.list());
    if (role === undefined || rules === undefined || deepEqualJson(rules, role.rules ?? [])) return;
    const { apiVersion, kind } = role;
    const patch = { apiVersion, kind, metadata: { name }, rules };
    const parameters = { fieldManager: FIELD_MANAGER, force: 'true' };
    try {
      await this.#client.patch(
        CLUSTERROLES,
        '',
        name,
        'application/apply-patch+yaml',
        patch,
        undefined,
        parameters,
      );
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
