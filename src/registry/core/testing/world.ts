/** A server of the core kinds over a store in memory, with the admission that belongs to them. */

import type { ApiRequest, Transport } from '../../../apimachinery/api-request.ts';
import { type Clock, VirtualClock } from '../../../apimachinery/clock.ts';
import { seededRandom } from '../../../apimachinery/random.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import type { PodLogOptions } from '../../../apis/core/index.ts';
import { schemas } from '../../../apis/openapi/index.ts';
import { ApiServer } from '../../../apiserver/index.ts';
import { openMemoryStorage, type Storage } from '../../../storage/index.ts';
import { defaultAdmission } from '../../admission/index.ts';
import { coreResources, generateTokenKey, TokenIssuer, TokenKey } from '../index.ts';

/** An answer as tests look into it. */
export interface Seen {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers of every shape.
  readonly body: any;
  readonly warnings: readonly string[];
}

/** A server, and what tests do with it. */
export class CoreWorld {
  readonly storage: Storage = openMemoryStorage({ frozen: true });
  readonly issuer: TokenIssuer;
  /** What logs were asked for. */
  readonly logsAsked: PodLogOptions[] = [];
  /** What the check of the scheduler complains of; empty: of nothing. */
  schedulerFault = '';
  readonly #transport: Transport;

  private constructor(clock: Clock) {
    const random = seededRandom(3);
    this.issuer = new TokenIssuer({ key: new TokenKey(generateTokenKey()), clock, random });
    const logs = {
      open: async (_pod: unknown, parameters: PodLogOptions) => {
        this.logsAsked.push(parameters);
        return lines('hello\n');
      },
    };
    const check = (): void => {
      if (this.schedulerFault !== '') throw new Error(this.schedulerFault);
    };
    const server = new ApiServer({
      storage: this.storage,
      resources: coreResources({
        logs,
        tokens: this.issuer,
        random,
        components: [{ name: 'scheduler', check }],
      }),
      schemas,
      admission: defaultAdmission({ clock, random }),
      clock,
      random,
      log: { info() {}, warn() {}, error() {} },
    });
    this.#transport = server.transport({
      username: 'admin',
      groups: ['system:masters', 'system:authenticated'],
    });
  }

  /** A server with a namespace `n` and its default service account. */
  static async open(clock: Clock = new VirtualClock(Date.UTC(2026, 0, 1))): Promise<CoreWorld> {
    const world = new CoreWorld(clock);
    await world.create('namespaces', { metadata: { name: 'n' } }, '');
    await world.create('serviceaccounts', { metadata: { name: 'default' } });
    return world;
  }

  /** Sends a request about a core kind in `n` and answers what came back, a StatusError too. */
  async ask(request: Partial<ApiRequest> & Pick<ApiRequest, 'verb' | 'resource'>): Promise<Seen> {
    const place = request.namespace === '' ? {} : { namespace: request.namespace ?? 'n' };
    const { namespace: _, ...rest } = request;
    try {
      const answer = await this.#transport.send({ group: '', version: 'v1', ...place, ...rest });
      if (answer.kind === 'stream') {
        const chunks: Uint8Array[] = [];
        for await (const chunk of answer.bytes) chunks.push(chunk);
        return { code: 200, body: Buffer.concat(chunks).toString(), warnings: [] };
      }
      if (answer.kind === 'connect') return { code: 101, body: answer.streams, warnings: [] };
      return { code: answer.code, body: answer.object, warnings: answer.warnings ?? [] };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { code: error.code, body: error.status, warnings: [] };
    }
  }

  /** Creates an object; `namespace` is '' for a kind without one. */
  create(resource: string, body: object, namespace = 'n'): Promise<Seen> {
    return this.ask({ verb: 'create', resource, namespace, body });
  }

  /** Sends a merge patch. */
  patch(resource: string, name: string, body: object, subresource?: string): Promise<Seen> {
    const patchType = 'application/merge-patch+json';
    return this.ask({
      verb: 'patch',
      resource,
      name,
      body,
      patchType,
      ...(subresource === undefined ? {} : { subresource }),
    });
  }
}

async function* lines(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** A pod as a client writes it. */
export function podBody(name = 'p', spec: object = {}): object {
  return { metadata: { name }, spec: { containers: [{ name: 'c', image: 'busybox' }], ...spec } };
}
