import type { ApiRequest, Transport, UserInfo } from '../apimachinery/api-request.ts';
import type { Clock } from '../apimachinery/clock.ts';
import type { Random } from '../apimachinery/random.ts';
import type { SchemaSet } from '../apimachinery/schema/index.ts';
import type { Storage } from '../storage/storage.ts';
import type { AuditSink } from './audit/audit-log.ts';
import type { TokenAuthenticator } from './auth/authenticator.ts';
import { type Authorizer, mastersOnly } from './auth/authorizer.ts';
import { BodyReader } from './body-reader.ts';
import { Catalog } from './catalog.ts';
import type { Circumstances } from './circumstances.ts';
import { discoveryHandler } from './discovery/discovery-handler.ts';
import { indexHandler } from './discovery/index-handler.ts';
import { versionHandler } from './discovery/version.ts';
import { HandlerChain } from './handler-chain.ts';
import { FrontDoor } from './http/front-door.ts';
import { type HealthCheck, healthHandler } from './http/health.ts';
import { type Listening, type ListenOptions, listen } from './http/listener.ts';
import { lazyProtobuf } from './http/load-protobuf.ts';
import { type PathHandler, PathHandlers } from './http/path-handlers.ts';
import { RequestObserver } from './http/request-observer.ts';
import { HealthMetrics } from './metrics/health-metrics.ts';
import { metricsHandler } from './metrics/metrics-handler.ts';
import { RequestMetrics } from './metrics/request-metrics.ts';
import type { Descriptions } from './openapi/described.ts';
import { openApiHandler } from './openapi/openapi-handler.ts';
import type { FieldNumbers } from './protobuf/message-types.ts';
import type { AdmissionPlugin, ResourceDefinition, VirtualResource } from './resource.ts';
import type { Log } from './workings.ts';

/** What a server is made of. */
export interface ApiServerOptions {
  readonly storage: Storage;
  readonly resources: readonly ResourceDefinition[];
  readonly virtualResources?: readonly VirtualResource[];
  /** The groups that discovery tells first, in its order. Default: none, all by their names. */
  readonly groupOrder?: readonly string[];
  /** Kinds by apiVersion that are served no more but still known, so that a body of theirs is refused for its version. Default: none. */
  readonly formerTypes?: ReadonlyMap<string, readonly string[]>;
  /** Structural schemas of the kinds: bodies are decoded by them, `/openapi` shows them. Absent: bodies are taken as they are. */
  readonly schemas?: SchemaSet;
  /** Loads the numbers of fields in protobuf, with the first request in it. Absent: bodies are refused with 415, answers with 406. */
  readonly fieldNumbers?: () => Promise<FieldNumbers>;
  /** Loads what is said of each definition and field, when `/openapi` is first asked for. Absent: nothing is. */
  readonly descriptions?: () => Promise<Descriptions>;
  /** Run in this order on every write they handle. */
  readonly admission?: readonly AdmissionPlugin[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Default: system:masters may do everything, others nothing. */
  readonly authorizer?: Authorizer;
  /** Asked in this order about bearer tokens. */
  readonly tokens?: readonly TokenAuthenticator[];
  /** What has to work, beside the store, for `/readyz` to say so. */
  readonly readiness?: readonly HealthCheck[];
  /** More lines for `/metrics`, in Prometheus' text format: what the components of this process count. */
  readonly metrics?: () => string | Promise<string>;
  /** Where the audit log goes. Default: nowhere. */
  readonly audit?: AuditSink;
  /** Whether every request over HTTP is told in `log`. Default false. */
  readonly logRequests?: boolean;
  /** More plain paths, by first segment. */
  readonly paths?: Readonly<Record<string, PathHandler>>;
}

/** A generic API server: one handler chain with two ways in, in process and over HTTPS. */
export class ApiServer {
  readonly #chain: HandlerChain;
  readonly #door: FrontDoor;
  readonly #clock: Clock;
  #address = '';

  constructor(options: ApiServerOptions) {
    const { storage, clock, random, log, authorizer = mastersOnly } = options;
    const { resources, virtualResources = [], groupOrder, formerTypes } = options;
    const catalog = new Catalog(resources, virtualResources, groupOrder, formerTypes);
    const admission = options.admission ?? [];
    this.#clock = clock;
    const metrics = new RequestMetrics();
    this.#chain = new HandlerChain(
      { storage, clock, random, log, catalog, admission, bodies: new BodyReader(catalog, options.schemas) },
      authorizer,
      metrics,
    );
    const paths = this.#paths(catalog, options, metrics);
    const tokens = options.tokens ?? [];
    const { schemas, fieldNumbers } = options;
    const protobuf =
      schemas === undefined || fieldNumbers === undefined
        ? undefined
        : lazyProtobuf(catalog, schemas, fieldNumbers);
    this.#door = new FrontDoor({
      chain: this.#chain,
      storage,
      catalog,
      paths,
      authorizer,
      tokens,
      ...(protobuf === undefined ? {} : { protobuf }),
      clock,
      random,
      log,
      observer: new RequestObserver({
        metrics,
        catalog,
        paths,
        clock,
        ...(options.audit === undefined ? {} : { audit: options.audit }),
        ...(options.logRequests === true ? { log } : {}),
      }),
    });
  }

  /** Opens the HTTPS server. */
  async listen(options: ListenOptions): Promise<Listening> {
    const listening = await listen(this.#door, options, this.#clock);
    this.#address = listening.url.replace('https://', '');
    return listening;
  }

  #paths(
    catalog: Catalog,
    { storage, schemas, descriptions, readiness = [], metrics = () => '', paths = {} }: ApiServerOptions,
    requests: RequestMetrics,
  ): PathHandlers {
    const handlers = new PathHandlers();
    const ping: HealthCheck = { name: 'ping', check: () => {} };
    // By the name under which probes of API servers ask for it, or leave it out.
    const store: HealthCheck = { name: 'etcd', check: () => storage.ready() };
    const health = new HealthMetrics();
    const discovery = discoveryHandler(catalog, () => this.#address);
    handlers.add(
      '',
      indexHandler(catalog, () => handlers.segments),
    );
    handlers.add('version', versionHandler);
    handlers.add('healthz', healthHandler('healthz', [ping, store], health));
    handlers.add('livez', healthHandler('livez', [ping, store], health));
    handlers.add('readyz', healthHandler('readyz', [ping, store, ...readiness], health));
    handlers.add('api', discovery);
    handlers.add('apis', discovery);
    handlers.add(
      'metrics',
      metricsHandler({
        requests,
        health,
        storage,
        catalog,
        gauges: () => this.#door.gauges(),
        more: metrics,
      }),
    );
    handlers.add('openapi', openApiHandler(catalog, schemas?.definitions ?? {}, descriptions));
    for (const [segment, handler] of Object.entries(paths)) handlers.add(segment, handler);
    return handlers;
  }

  /**
   * The way in for a component in this process, as that user: no TLS, no JSON, the same rules. `program`: the name by which
   * upstream's own component would be held to set fields.
   */
  transport(user: UserInfo, program = ''): Transport {
    const chain = this.#chain;
    const circumstances = (request: ApiRequest): Circumstances => {
      const context = chain.circumstances(user, request);
      context.program = program;
      return context;
    };
    return {
      send: (request) => chain.handle(circumstances(request)),
      watch: (request, observer) => chain.watch(circumstances(request), observer),
    };
  }
}
