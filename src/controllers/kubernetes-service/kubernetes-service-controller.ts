import type { ApiObject, DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isNotFound } from '../../apimachinery/status-error.ts';
import { sameMeaning } from '../../apis/core/index.ts';
import type { Service } from '../../apis/core/types.ts';
import type { EndpointSlice } from '../../apis/discovery/index.ts';
import {
  type Client,
  type Component,
  type ComponentContext,
  ENDPOINTS,
  ENDPOINTSLICES,
  newController,
  newWorkqueue,
  type Resource,
  SERVICES,
} from '../../client/index.ts';
import {
  NAME,
  NAMESPACE,
  type ServerAddress,
  wantedEndpoints,
  wantedService,
  wantedSlice,
} from './wanted.ts';

/** The keeper of the service `kubernetes` as a component. */
export function newKubernetesServiceController(context: ComponentContext, server: ServerAddress): Component {
  const { client, clock, log, metrics } = context;
  const services = context.informer(SERVICES);
  const slices = context.informer(ENDPOINTSLICES);
  const queue = newWorkqueue({ name: 'kubernetes_service', clock, metrics });
  const look = ({ metadata }: DeepReadonly<Service | EndpointSlice>): void => {
    if (metadata.name === NAME && metadata.namespace === NAMESPACE) queue.add(NAME);
  };
  services.onChange({ updated: look, deleted: look });
  slices.onChange({ updated: look, deleted: look });
  queue.add(NAME);
  return newController({
    name: 'kubernetes-service',
    queue,
    log,
    informers: [services, slices],
    workers: 1,
    reconciler: {
      async sync() {
        await keepService(client, services.lister.get(NAMESPACE, NAME), wantedService(server));
        const stored = await unlessGone(() => client.get(ENDPOINTS, NAMESPACE, NAME));
        await keep(client, ENDPOINTS, stored, wantedEndpoints(server), ['subsets']);
        await keepSlice(client, slices.lister.get(NAMESPACE, NAME), wantedSlice(server));
        return undefined;
      },
    },
  });
}

/** The service has its address for life; a server that moved to another port changes where the service leads. */
async function keepService(
  client: Client,
  stored: DeepReadonly<Service> | undefined,
  wanted: Draft<Service>,
): Promise<void> {
  if (stored === undefined) return await create(client, SERVICES, wanted);
  const { type = '', ports = [] } = wanted.spec ?? {};
  const isRight = stored.spec.type === type && sameMeaning(stored.spec.ports, ports);
  if (!isRight) {
    const spec = { ...stored.spec, type: 'ClusterIP' as const, ports };
    await client.update(SERVICES, { ...stored, spec });
  }
}

/** What kind of addresses a slice holds cannot be changed, so that one of another kind is made anew. */
async function keepSlice(
  client: Client,
  stored: DeepReadonly<EndpointSlice> | undefined,
  wanted: Draft<EndpointSlice> | undefined,
): Promise<void> {
  const fits = wanted === undefined || stored === undefined || stored.addressType === wanted.addressType;
  if (!fits) await keep(client, ENDPOINTSLICES, stored, undefined, []);
  await keep(client, ENDPOINTSLICES, fits ? stored : undefined, wanted, ['endpoints', 'ports']);
}

/** Brings the named fields and the labels of an object to what is wanted, or the object to its end. */
async function keep<T extends ApiObject>(
  client: Client,
  of: Resource<T>,
  stored: DeepReadonly<T> | undefined,
  wanted: Draft<T> | undefined,
  fields: readonly (keyof Draft<T> & keyof DeepReadonly<T>)[],
): Promise<void> {
  if (wanted === undefined) {
    if (stored !== undefined) await unlessGone(() => client.delete(of, NAMESPACE, NAME));
    return;
  }
  if (stored === undefined) return await create(client, of, wanted);
  const held = stored as DeepReadonly<ApiObject>;
  const { labels } = wanted.metadata;
  const isRight =
    fields.every((field) => sameMeaning(stored[field], wanted[field])) &&
    sameMeaning(held.metadata.labels, labels, 'labels');
  if (isRight) return;
  const right = Object.fromEntries(fields.map((field) => [field, wanted[field]]));
  await client.update(of, { ...stored, ...right, metadata: { ...held.metadata, labels } });
}

async function create<T extends ApiObject>(client: Client, of: Resource<T>, wanted: Draft<T>): Promise<void> {
  try {
    await client.create(of, NAMESPACE, wanted as DeepReadonly<Draft<T>>);
  } catch (error) {
    // What the informer has yet to tell will bring the key back.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
