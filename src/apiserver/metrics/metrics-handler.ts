import type { CommitTimes } from '../../storage/commit-times.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Catalog } from '../catalog.ts';
import type { PathHandler } from '../http/path-handlers.ts';
import type { ServedResource } from '../served-resource.ts';
import type { HealthMetrics } from './health-metrics.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** Numbers of now, which nobody counts on the way. */
export interface Gauges {
  readonly mutating: number;
  readonly readOnly: number;
  /** Open watches by what is watched. */
  readonly watches: ReadonlyMap<ServedResource, number>;
  /** Bytes of bodies that are being read or decoded. */
  readonly bodyBytes: number;
}

/** Where the figures of `/metrics` come from. */
export interface MetricsSources {
  readonly requests: RequestMetrics;
  readonly health: HealthMetrics;
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly gauges: () => Gauges;
  /** Lines that others add, each with its end. */
  readonly more: () => string | Promise<string>;
}

const TEXT = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/**
 * Answers `/metrics`, and `/metrics/slis`: how the health checks came out. The library that reads the process's own figures is loaded with
 * the first question.
 */
export function metricsHandler(sources: MetricsSources): PathHandler {
  const { requests, health, storage, catalog, gauges, more } = sources;
  let figures: Promise<ProcessFigures> | undefined;
  return async ({ path }) => {
    if (path === '/metrics/slis') {
      figures ??= processFigures();
      const start = await (await figures).start();
      return { code: 200, contentType: TEXT, body: `${health.text()}${start}\n` };
    }
    if (path !== '/metrics') return undefined;
    figures ??= processFigures();
    const [process, objects, others] = await Promise.all([
      (await figures).all(),
      objectCounts(storage, catalog),
      more(),
    ]);
    const body = `${requests.text()}${underWay(gauges())}${storeFigures(storage)}${objects}${others}${process}`;
    return { code: 200, contentType: TEXT, body };
  };
}

function underWay({ mutating, readOnly, watches, bodyBytes }: Gauges): string {
  const lines = [
    '# HELP apiserver_current_inflight_requests Requests under way, long-running ones apart.',
    '# TYPE apiserver_current_inflight_requests gauge',
    `apiserver_current_inflight_requests{request_kind="mutating"} ${mutating}`,
    `apiserver_current_inflight_requests{request_kind="readOnly"} ${readOnly}`,
    '# HELP longshore_request_body_bytes Bytes of bodies that are being read or decoded.',
    '# TYPE longshore_request_body_bytes gauge',
    `longshore_request_body_bytes ${bodyBytes}`,
    '# HELP apiserver_longrunning_requests Open watches, by what is watched.',
    '# TYPE apiserver_longrunning_requests gauge',
  ];
  for (const [{ definition }, count] of watches) {
    const { group, resource, version } = definition;
    const labels = `group="${group}",resource="${resource}",subresource="",verb="WATCH",version="${version}"`;
    lines.push(`apiserver_longrunning_requests{${labels}} ${count}`);
  }
  return `${lines.join('\n')}\n`;
}

function storeFigures(storage: Storage): string {
  const { commits, writes, waiting, times } = storage.figures();
  return [
    '# HELP longshore_store_commits_total Groups of writes that were made durable together.',
    '# TYPE longshore_store_commits_total counter',
    `longshore_store_commits_total ${commits}`,
    '# HELP longshore_store_writes_total Writes that were made durable.',
    '# TYPE longshore_store_writes_total counter',
    `longshore_store_writes_total ${writes}`,
    '# HELP longshore_store_queue_depth Writes that wait for the next commit.',
    '# TYPE longshore_store_queue_depth gauge',
    `longshore_store_queue_depth ${waiting}`,
    ...(times === undefined ? [] : commitTimes(times)),
    '',
  ].join('\n');
}

function commitTimes({ buckets, count, seconds }: CommitTimes): readonly string[] {
  const name = 'longshore_store_commit_duration_seconds';
  return [
    `# HELP ${name} Time until a group of writes was durable.`,
    `# TYPE ${name} histogram`,
    ...buckets.map(({ end, count: below }) => `${name}_bucket{le="${end}"} ${below}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${seconds}`,
    `${name}_count ${count}`,
  ];
}

/** What the process tells of itself, in Prometheus' text format. */
interface ProcessFigures {
  all(): Promise<string>;
  /** When it started, alone. */
  start(): Promise<string>;
}

async function processFigures(): Promise<ProcessFigures> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    all: () => registry.metrics(),
    start: () => registry.getSingleMetricAsString('process_start_time_seconds'),
  };
}

async function objectCounts(storage: Storage, catalog: Catalog): Promise<string> {
  const lines = [
    '# HELP apiserver_storage_objects Objects in the store, by resource.',
    '# TYPE apiserver_storage_objects gauge',
  ];
  for (const { prefix, qualified, definition } of catalog.resources) {
    if (definition.storedAs !== undefined || definition.objects !== undefined) continue;
    lines.push(`apiserver_storage_objects{resource="${qualified}"} ${await storage.count(prefix)}`);
  }
  return `${lines.join('\n')}\n`;
}
