/**
 * The node agent's own HTTPS server, on the paths of the kubelet's: `/containerLogs/…`, `/exec/…`, `/attach/…`,
 * `/portForward/…` and `/healthz`. Upstream: pkg/kubelet/server. And on one of its own, `/localPath/NAME`: PUT makes the
 * directory of a persistent volume and answers its path, DELETE removes it.
 *
 * It guarantees that only clients with a certificate of the cluster's authority that makes them system:masters, which is
 * the API server and administrators, get more than `/healthz`; every other node's certificate is refused.
 */
export { NodeServer, type NodeServerOptions } from './node-server.ts';
