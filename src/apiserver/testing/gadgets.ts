/** A server with kinds invented for tests, which proves that the generic server knows none. */
import type { ApiRequest, Transport } from '../../apimachinery/api-request.ts';
import { type Clock, systemClock } from '../../apimachinery/clock.ts';
import { invalid } from '../../apimachinery/field-error.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { seededRandom } from '../../apimachinery/random.ts';
import { type MemoryStorageOptions, openMemoryStorage, type Storage } from '../../storage/index.ts';
import { ApiServer, type ApiServerOptions } from '../api-server.ts';
import type { ResourceDefinition } from '../resource.ts';
import type { Log } from '../workings.ts';

/** The invented kind: a spec with a size, and a status that only its subresource writes. */
export interface Gadget extends ApiObject {
  spec: { size?: number; color?: string };
  status?: { ready?: boolean };
}

/** Gadgets know a grace of as many seconds as the client asks for when `spec.color` is `slow`. */
export const GADGETS: ResourceDefinition<Gadget> = {
  group: 'demo.example.com',
  version: 'v1',
  resource: 'gadgets',
  singular: 'gadget',
  kind: 'Gadget',
  namespaced: true,
  shortNames: ['gd'],
  schema: 'com.example.demo.v1.Gadget',
  strategy: {
    applyDefaults(gadget) {
      gadget.spec ??= {};
      gadget.spec.color ??= 'grey';
    },
    prepareForCreate(gadget) {
      delete gadget.status;
      gadget.metadata.generation = 1;
    },
    validateCreate: (gadget) => sizeErrors(gadget),
    warningsOnCreate: (gadget) => (gadget.spec.color === 'beige' ? ['beige is a poor choice'] : []),
    prepareForUpdate(gadget, old) {
      if (old.status === undefined) delete gadget.status;
      else gadget.status = { ...old.status };
      if (gadget.spec.size !== old.spec.size || gadget.spec.color !== old.spec.color) {
        gadget.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
      }
    },
    validateUpdate: (gadget) => sizeErrors(gadget),
    gracePeriodSeconds: (gadget, asked) => (gadget.spec.color === 'slow' ? (asked ?? 30) : 0),
  },
  subresources: {
    status: {
      kind: 'part',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate(gadget, old) {
        gadget.spec = { ...old.spec };
      },
      validateUpdate: () => [],
    },
    paint: {
      kind: 'custom',
      verbs: ['create'],
      async handle(request, context, backend) {
        const { color } = request.body as { color: string };
        const object = await backend.update(
          request,
          (gadget) => {
            (gadget as Gadget).spec.color = color;
          },
          context,
        );
        return { kind: 'object', code: 201, object };
      },
    },
  },
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      description: 'Name of the gadget.',
      priority: 0,
      cell: (gadget) => gadget.metadata.name,
    },
    {
      name: 'Size',
      type: 'integer',
      description: 'Its size.',
      priority: 0,
      cell: (gadget) => gadget.spec.size ?? 0,
    },
  ],
  selectableFields: { 'spec.color': (gadget) => gadget.spec.color ?? '' },
};

/** A kind without namespace and without any special rule. */
export const DEPOTS: ResourceDefinition = {
  group: '',
  version: 'v1',
  resource: 'depots',
  singular: 'depot',
  kind: 'Depot',
  namespaced: false,
  schema: 'com.example.demo.v1.Depot',
  strategy: {
    applyDefaults() {},
    prepareForCreate() {},
    validateCreate: () => [],
    prepareForUpdate() {},
    validateUpdate: () => [],
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
  columns: [],
};

function sizeErrors(gadget: { spec: { size?: number } }) {
  const { size } = gadget.spec;
  return size !== undefined && size < 0
    ? [invalid('spec.size', size, 'must be greater than or equal to 0')]
    : [];
}

/** A log that keeps nothing. */
const silentLog: Log = { info() {}, warn() {}, error() {} };

/** A user who may do everything. */
export const ADMIN = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** A server over a fresh store in memory. */
export function gadgetServer(
  options: Partial<ApiServerOptions> & { history?: MemoryStorageOptions['history']; clock?: Clock } = {},
): { readonly server: ApiServer; readonly storage: Storage; readonly admin: Transport } {
  const { history, ...rest } = options;
  const storage = openMemoryStorage({ ...(history === undefined ? {} : { history }), frozen: true });
  const server = new ApiServer({
    storage,
    resources: [GADGETS, DEPOTS],
    clock: systemClock,
    random: seededRandom(7),
    log: silentLog,
    ...rest,
  });
  return { server, storage, admin: server.transport(ADMIN) };
}

/** Names the gadgets of namespace `yard` in a request. */
export const IN_YARD: Pick<ApiRequest, 'group' | 'version' | 'resource' | 'namespace'> = {
  group: 'demo.example.com',
  version: 'v1',
  resource: 'gadgets',
  namespace: 'yard',
};
