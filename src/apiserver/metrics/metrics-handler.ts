import type { Storage } from '../../storage/storage.ts';
import type { Catalog } from '../catalog.ts';
import type { PathHandler } from '../http/path-handlers.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** Numbers of now, which nobody counts on the way. */
export interface Gauges {
  readonly requestsInFlight: number;
  readonly watches: number;
}

/** Where the figures of `/metrics` come from. */
export interface MetricsSources {
  readonly requests: RequestMetrics;
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly gauges: () => Gauges;
  /** Lines that others add, each with its end. */
  readonly more: () => string;
}

/** Answers `/metrics`. The library that reads the process's own figures is loaded with the first question. */
export function metricsHandler({ requests, storage, catalog, gauges, more }: MetricsSources): PathHandler {
  let figures: Promise<() => Promise<string>> | undefined;
  return async ({ path }) => {
    if (path !== '/metrics') return undefined;
    figures ??= processFigures();
    const [process, objects] = await Promise.all([(await figures)(), objectCounts(storage, catalog)]);
    const { requestsInFlight, watches } = gauges();
    const now = [
      '# TYPE apiserver_current_inflight_requests gauge',
      `apiserver_current_inflight_requests ${requestsInFlight}`,
      '# TYPE apiserver_longrunning_requests gauge',
      `apiserver_longrunning_requests ${watches}`,
    ].join('\n');
    const body = `${requests.text()}${now}\n${objects}${more()}${process}`;
    return { code: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8', body };
  };
}

async function processFigures(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}

async function objectCounts(storage: Storage, catalog: Catalog): Promise<string> {
  const lines = ['# TYPE apiserver_storage_objects gauge'];
  for (const { prefix, qualified, definition } of catalog.resources) {
    if (definition.storedAs !== undefined) continue;
    lines.push(`apiserver_storage_objects{resource="${qualified}"} ${await storage.count(prefix)}`);
  }
  return `${lines.join('\n')}\n`;
}
