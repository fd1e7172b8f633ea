/**
 * The containers of an engine that bear this server's mark, by its API: made, looked at, listed, ended and removed. Sandboxes
 * are containers there too.
 */
import { OWNER_LABEL, type Owner } from '../owner.ts';
import type { RuntimeFilter } from '../runtime.ts';
import { ifThere } from './as-runtime-error.ts';
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import type { EngineContainer, EngineListedContainer } from './engine-types.ts';
import { stateOf } from './from-docker.ts';
import { type ContainerRecord, containerRecord, ROLE_LABEL, SANDBOX_LABEL } from './own-labels.ts';

/** What of a list is wanted beside what fits the filter. */
interface ListOptions {
  /** The bytes that containers wrote, which takes the engine a while. */
  readonly size?: boolean;
  /** In one of these states alone. */
  readonly status?: readonly string[];
  /** Whether those of other servers are listed too. Default false. */
  readonly anyones?: boolean;
}

/** What the engine tells of a container, and what this server noted on it. */
export interface FoundContainer {
  readonly found: EngineContainer;
  readonly record: ContainerRecord & { readonly sandboxId: string };
}

/** See the file's head. Every method rejects with {@link DockerError}. */
export class OwnContainers {
  readonly #client: EngineClient;
  readonly #owner: Owner;
  /** Why containers could not be started, by id, until they are removed: Podman does not keep it. */
  readonly #failedStarts = new Map<string, string>();

  constructor(client: EngineClient, owner: Owner) {
    this.#client = client;
    this.#owner = owner;
  }

  /** A container of this owner, looked at. */
  async find(id: string): Promise<FoundContainer> {
    const found = await this.#client.get<EngineContainer>(`/containers/${id}/json`);
    const record = containerRecord(this.#owner.id, found.Config.Labels);
    if (record === undefined) throw new DockerError(404, `no such container: ${id}`);
    const why = this.#failedStarts.get(id);
    if (why === undefined || stateOf(found.State) !== 'created') return { found, record };
    return { found: { ...found, State: { ...found.State, Status: 'created', Error: why } }, record };
  }

  /** Keeps why a container could not be started. */
  noteFailedStart(id: string, why: string): void {
    this.#failedStarts.set(id, why);
  }

  /** A name is for those who look at the engine; where somebody has it already, the engine invents one. */
  async create(parts: readonly string[], body: object): Promise<string> {
    const create = async (name?: string): Promise<string> =>
      (await this.#client.post<{ readonly Id: string }>('/containers/create', { name }, body)).Id;
    try {
      return await create(['longshore', ...parts].join('_'));
    } catch (error) {
      if (!(error instanceof DockerError && error.code === 409)) throw error;
      return create();
    }
  }

  /** Asks it to end; the engine kills it after that many seconds. Resolves when it has ended, or is not there. */
  stop(id: string, timeoutSeconds: number): Promise<void> {
    return ifThere(this.#client.post(`/containers/${id}/stop`, { t: Math.ceil(timeoutSeconds) }));
  }

  /** Succeeds for what is not there. */
  async remove(id: string): Promise<void> {
    await ifThere(this.#client.delete(`/containers/${id}`, { force: true, v: true }));
    this.#failedStarts.delete(id);
  }

  /** Those of a role that fit the filter. */
  async list(
    role: 'sandbox' | 'container',
    { id, sandboxId, labels = {} }: RuntimeFilter,
    { size = false, status, anyones = false }: ListOptions = {},
  ): Promise<readonly EngineListedContainer[]> {
    const wanted = {
      ...labels,
      ...(anyones ? {} : { [OWNER_LABEL]: this.#owner.id }),
      [ROLE_LABEL]: role,
      ...(sandboxId === undefined ? {} : { [SANDBOX_LABEL]: sandboxId }),
    };
    const filters = {
      label: Object.entries(wanted).map(([name, value]) => `${name}=${value}`),
      ...(status === undefined ? {} : { status }),
      ...(id === undefined ? {} : { id: [id] }),
    };
    const query = { all: true, filters, ...(size ? { size } : {}) };
    const found = await this.#client.get<readonly EngineListedContainer[]>('/containers/json', query);
    // The engine takes the beginning of an id for the whole.
    return found.filter(({ Id }) => id === undefined || id === Id);
  }
}
