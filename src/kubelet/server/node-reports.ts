/** What a node tells of itself, in the kubelet's forms: health, pods, what is used, and what it was set to. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';

/** A node that tells of itself. Texts are what the client gets. */
export interface ReportingNode {
  /** Every pod of the node. */
  pods(): readonly DeepReadonly<Pod>[];
  /** Figures for Prometheus, by what follows `/metrics` in the path: nothing, `resource` or `cadvisor`. */
  metrics(which: '' | 'cadvisor' | 'resource'): Promise<string>;
  /** The kubelet's summary. */
  summary(wish: { readonly disk: boolean }): Promise<object>;
  /** What is used, for the API server's metrics.k8s.io. */
  consumption(): Promise<object>;
  /** The settings, as a KubeletConfiguration. */
  configuration(): object;
}

/** The answer about one of them. */
export interface Report {
  /** Default 200. */
  readonly code?: number;
  readonly contentType: string;
  readonly body: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json';
/** The text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';
/** The checks of the kubelet's `/healthz`. A node that answers passes them. */
const CHECKS = ['ping', 'log', 'syncloop'];
/** What the node's figures are called on the way to the API server. */
export const CONSUMPTION_PATH = '/consumption';

/** How to answer to that path; undefined for one where nothing is. */
export function reportOf(
  path: string,
  asked: URLSearchParams,
  node: ReportingNode,
): (() => Report | Promise<Report>) | undefined {
  switch (path) {
    case '/healthz':
    case '/healthz/':
      return () => plain(asked.has('verbose') ? verboseHealth() : 'ok');
    case '/pods':
    case '/pods/':
      return () => json(`${JSON.stringify(podList(node.pods()))}\n`);
    case '/metrics':
      return async () => metrics(await node.metrics(''));
    case '/metrics/resource':
      return async () => metrics(await node.metrics('resource'));
    case '/metrics/cadvisor':
      return async () => metrics(await node.metrics('cadvisor'));
    case '/stats/summary':
    case '/stats/summary/': {
      const disk = asked.get('only_cpu_and_memory') !== 'true';
      return async () => json(JSON.stringify(await node.summary({ disk }), null, 1));
    }
    case '/configz':
      return () => json(`${JSON.stringify({ kubeletconfig: node.configuration() })}\n`);
    case CONSUMPTION_PATH:
      return async () => json(JSON.stringify(await node.consumption()));
    default:
      if (CHECKS.some((check) => path === `/healthz/${check}`)) return () => plain('ok');
      if (path === '/logs' || path.startsWith('/logs/')) {
        return () => ({ code: 405, contentType: PLAIN, body: 'logs endpoint is disabled.\n' });
      }
      return undefined;
  }
}

function plain(body: string): Report {
  return { contentType: PLAIN, body };
}

function json(body: string): Report {
  return { contentType: JSON_TYPE, body };
}

function metrics(body: string): Report {
  return { contentType: METRICS_TYPE, body };
}

function verboseHealth(): string {
  return `${CHECKS.map((check) => `[+]${check} ok\n`).join('')}healthz check passed\n`;
}

/** In a list, items do not say again what they are. */
function podList(pods: readonly DeepReadonly<Pod>[]): object {
  const items = pods.map(({ apiVersion: _version, kind: _kind, ...pod }) => pod);
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items };
}
