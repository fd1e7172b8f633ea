import type { Clock } from '../../apimachinery/clock.ts';
import { traceIdOf } from '../../apimachinery/trace-context.ts';
import { auditLine, isAudited } from '../audit/audit-event.ts';
import type { AuditSink } from '../audit/audit-log.ts';
import type { Catalog } from '../catalog.ts';
import type { RequestMetrics } from '../metrics/request-metrics.ts';
import type { Log } from '../workings.ts';
import type { Outgoing } from './exchange.ts';
import type { PathHandlers } from './path-handlers.ts';
import type { RequestRecord } from './request-record.ts';

/** Who wants to know of requests. */
export interface RequestObserverOptions {
  readonly metrics: RequestMetrics;
  readonly catalog: Catalog;
  readonly paths: PathHandlers;
  readonly clock: Clock;
  readonly audit?: AuditSink;
  /** Gets a line a request. */
  readonly log?: Log;
}

/** The code of an upgrade, whose answer is no ordinary one. */
const SWITCHING_PROTOCOLS = 101;

/** Methods that are told apart in metrics: a client may make up others. */
const METHODS: ReadonlySet<string> = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);

/** Tells the metrics, the audit log and the request log of each request over HTTP. */
export class RequestObserver {
  readonly #options: RequestObserverOptions;

  constructor(options: RequestObserverOptions) {
    this.#options = options;
  }

  /** Called when a request has its answer; watches and streams go on until their connection closes. */
  answered(record: RequestRecord, response: Outgoing): void {
    const code = record.upgraded ? SWITCHING_PROTOCOLS : response.statusCode;
    const { info } = record;
    const watches =
      info?.kind === 'resource' &&
      info.request.verb === 'watch' &&
      record.fault === undefined &&
      code === 200;
    if (!watches && !record.upgraded) {
      this.#ended(record, code);
      return;
    }
    const { audit, clock } = this.#options;
    audit?.write(auditLine(record, 'ResponseStarted', code, clock.now()));
    const lasting = record.upgraded ? record.request.socket : response;
    if (lasting.destroyed) this.#ended(record, code);
    else lasting.once('close', () => this.#ended(record, code));
  }

  #ended(record: RequestRecord, code: number): void {
    const { audit, clock, log } = this.#options;
    const elapsed = clock.monotonic() - record.start;
    this.#count(record, code, elapsed);
    if (audit !== undefined && isAudited(record, code)) {
      audit.write(auditLine(record, 'ResponseComplete', code, clock.now()));
    }
    if (log === undefined) return;
    const { info, traceparent } = record;
    const verb = info?.kind === 'resource' ? info.request.verb : record.request.method;
    const fields = {
      verb: verb?.toUpperCase(),
      URI: record.uri,
      latency: `${elapsed.toFixed(3)}ms`,
      userAgent: record.userAgent,
      'audit-ID': record.id,
      srcIP: record.remoteAddress,
      user: record.user?.username,
      ...(traceparent === undefined ? {} : { traceID: traceIdOf(traceparent) }),
      resp: code,
    };
    log.info(fields, 'HTTP');
  }

  /** Counts what the handler chain has not: whatever never came so far, watches and plain paths. */
  #count({ info, context, kind }: RequestRecord, code: number, elapsed: number): void {
    const { metrics, catalog, paths } = this.#options;
    if (info?.kind === 'resource') {
      const { verb, group, version, resource, subresource } = info.request;
      if (context !== undefined && verb !== 'watch') return;
      const known = catalog.find(group, version, resource) ?? catalog.findVirtual(group, version, resource);
      const below = catalog.find(group, version, resource)?.definition.subresources ?? {};
      const about =
        known === undefined
          ? { group: '', version: '', resource: '' }
          : { group, version, resource, subresource: knownName(below, subresource) };
      metrics.note({ verb, ...about }, code, kind === 'long-running' ? undefined : elapsed);
      return;
    }
    if (info === undefined) return;
    const segment = info.path.split('/')[1] ?? '';
    const subresource = paths.has(segment) ? `/${segment}` : '';
    const verb = METHODS.has(info.verb) ? info.verb : 'other';
    metrics.note({ verb, group: '', version: '', resource: '', subresource }, code, elapsed);
  }
}

function knownName(known: object, name = ''): string {
  return Object.hasOwn(known, name) ? name : '';
}
