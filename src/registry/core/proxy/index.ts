/**
 * `proxy` of nodes, pods and services: whom an HTTP request is for that the API server hands on. The way to a pod's port is its
 * node's, as for port-forward, so that it works wherever the pod runs; other ports of a node are dialed from here, as upstream does.
 */
export { isGlobalUnicast } from './global-unicast.ts';
export { type NodeAgentSource, nodeProxy } from './node-proxy.ts';
export { podProxy } from './pod-proxy.ts';
export { serviceProxy } from './service-proxy.ts';
