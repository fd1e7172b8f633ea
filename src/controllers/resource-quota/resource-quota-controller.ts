import type { Clock } from '../../apimachinery/clock.ts';
import {
  type ApiObject,
  type DeepReadonly,
  objectKey,
  splitObjectKey,
} from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { concerns, quotaUsage, sameMeaning, scopeMark, type Usage, usageOf } from '../../apis/core/index.ts';
import type { ResourceQuota } from '../../apis/core/types.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  type Informer,
  newController,
  newWorkqueue,
  RESOURCEQUOTAS,
  type Resource,
  type Workqueue,
} from '../../client/index.ts';

type Quota = DeepReadonly<ResourceQuota>;
/** Milliseconds after which a quota is counted again though nothing told of a change: upstream's. */
const RESYNC_MS = 300_000;

/** The quota controller as a component. `countable`: the kinds that quotas can name. */
export function newResourceQuotaController(
  context: ComponentContext,
  countable: readonly Resource<ApiObject>[],
): Component {
  const { client, clock, log, metrics } = context;
  const quotas = context.informer(RESOURCEQUOTAS);
  const queue = newWorkqueue({ name: 'resourcequota_primary', clock, metrics });
  const added = (quota: Quota): void => queue.add(objectKey(quota));
  quotas.onChange({
    added,
    // Admission charges the status with every new object: only what a user changes is looked at.
    updated: (quota, old) => {
      if (!sameMeaning(quota.spec, old.spec)) added(quota);
    },
  });
  const counter = new Counter(context, countable, (namespace) => {
    for (const quota of quotas.lister.list(namespace)) added(quota);
  });
  return newController({
    name: 'resourcequota-controller',
    reconciler: {
      async sync(key) {
        const { namespace, name } = splitObjectKey(key);
        const quota = quotas.lister.get(namespace, name);
        if (quota === undefined || quota.metadata.deletionTimestamp !== undefined) return undefined;
        await counter.follow(quota);
        await write(client, quota, counter.usage(quota, clock));
        return RESYNC_MS;
      },
    },
    queue: queue as Workqueue,
    log,
    informers: [quotas],
  });
}

async function write(client: Client, quota: Quota, used: Usage): Promise<void> {
  const hard = quota.spec.hard ?? {};
  if (sameMeaning(quota.status.hard, hard, 'hard') && sameMeaning(quota.status.used, used, 'used')) return;
  try {
    await client.updateStatus(RESOURCEQUOTAS, { ...quota, status: { hard, used } });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Follows the kinds that quotas name, each from the first quota on that names it. */
class Counter {
  readonly #context: ComponentContext;
  readonly #countable: readonly Resource<ApiObject>[];
  readonly #changed: (namespace: string) => void;
  /** At most one for each kind that is served. */
  readonly #followed = new Map<Resource<ApiObject>, Informer<ApiObject>>();

  /** @param changed called with a namespace in which less may be used than before. */
  constructor(
    context: ComponentContext,
    countable: readonly Resource<ApiObject>[],
    changed: (namespace: string) => void,
  ) {
    this.#context = context;
    this.#countable = countable;
    this.#changed = changed;
  }

  /** Resolves when the local copies of all that the quota names are there. */
  async follow(quota: Quota): Promise<void> {
    await Promise.all(this.#namedBy(quota).map((kind) => this.#informer(kind).start()));
  }

  usage(quota: Quota, clock: Clock): Usage {
    const namespace = quota.metadata.namespace ?? '';
    const counted = this.#namedBy(quota).map((kind) => ({
      group: kind.group,
      resource: kind.resource,
      objects: this.#informer(kind).lister.list(namespace),
    }));
    return quotaUsage(quota, counted, clock.now());
  }

  #namedBy({ spec }: Quota): readonly Resource<ApiObject>[] {
    const names = Object.keys(spec.hard ?? {});
    return this.#countable.filter(({ group, resource }) =>
      names.some((name) => concerns(name, group, resource)),
    );
  }

  #informer(kind: Resource<ApiObject>): Informer<ApiObject> {
    const known = this.#followed.get(kind);
    if (known !== undefined) return known;
    const informer = this.#context.informer(kind);
    this.#followed.set(kind, informer);
    const { group, resource } = kind;
    const counts = (object: DeepReadonly<ApiObject>): string =>
      JSON.stringify([usageOf(group, resource, object, 0), scopeMark(resource, object)]);
    informer.onChange({
      deleted: ({ metadata }) => this.#changed(metadata.namespace ?? ''),
      updated: (object, old) => {
        if (counts(object) !== counts(old)) this.#changed(object.metadata.namespace ?? '');
      },
    });
    return informer;
  }
}
