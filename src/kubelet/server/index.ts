/**
 * The node agent's own server, on the paths of the kubelet's: `/containerLogs/…`, `/exec/…`, `/attach/…`, `/portForward/…`, `/pods`,
 * `/metrics`, `/metrics/resource`, `/metrics/cadvisor`, `/stats/summary`, `/configz` and `/healthz`. Upstream: pkg/kubelet/server. And
 * on two of its own: `/localPath/NAME`, where PUT makes the directory of a persistent volume and answers its path, and DELETE removes
 * it; `/consumption`, from which the API server makes metrics.k8s.io.
 *
 * {@link NodeServer} guarantees that a client gets nothing, `/healthz` included, unless it is an administrator, as the API server's own
 * certificate says of it, or the API server says that it may (`nodes/metrics`, `nodes/proxy`, …). {@link LocalNodeServer} answers the
 * API server of its own process, which has asked already.
 */
export { callerReviews } from './caller-reviews.ts';
export { LocalNodeServer } from './local-node-server.ts';
export { CONSUMPTION_PATH, type ReportingNode } from './node-reports.ts';
export { NodeServer, type NodeServerOptions } from './node-server.ts';
