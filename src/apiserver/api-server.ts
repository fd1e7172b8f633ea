import type { Transport, UserInfo } from '../apimachinery/api-request.ts';
import type { Clock } from '../apimachinery/clock.ts';
import type { Random } from '../apimachinery/random.ts';
import type { Storage } from '../storage/storage.ts';
import { type Authorizer, mastersOnly } from './authorizer.ts';
import { plainBodies } from './body-reader.ts';
import { Catalog } from './catalog.ts';
import { HandlerChain } from './handler-chain.ts';
import type { AdmissionPlugin, ResourceDefinition, VirtualResource } from './resource.ts';
import type { Log } from './workings.ts';

/** What a server is made of. */
export interface ApiServerOptions {
  readonly storage: Storage;
  readonly resources: readonly ResourceDefinition[];
  readonly virtualResources?: readonly VirtualResource[];
  /** Run in this order on every write they handle. */
  readonly admission?: readonly AdmissionPlugin[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: system:masters may do everything, others nothing. */
  readonly authorizer?: Authorizer;
}

/** A generic API server: one handler chain with two ways in, in process and over HTTPS. */
export class ApiServer {
  readonly #chain: HandlerChain;

  constructor(options: ApiServerOptions) {
    const { storage, clock, random, log } = options;
    this.#chain = new HandlerChain(
      {
        storage,
        clock,
        random,
        log,
        catalog: new Catalog(options.resources, options.virtualResources ?? []),
        admission: options.admission ?? [],
        bodies: plainBodies,
      },
      options.authorizer ?? mastersOnly,
    );
  }

  /** The way in for a component in this process, as that user: no TLS, no JSON, the same rules. */
  transport(user: UserInfo): Transport {
    const chain = this.#chain;
    return {
      send: (request) => chain.handle(chain.circumstances(user, request)),
      watch: (request, observer) => chain.watch(chain.circumstances(user, request), observer),
    };
  }
}
