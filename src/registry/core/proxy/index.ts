/**
 * `proxy` of pods and services: whom an HTTP request is for that the API server hands on. It opens nothing itself: the way
 * to a pod's port is its node's, as for port-forward, so that it works wherever the pod runs.
 */
export { podProxy } from './pod-proxy.ts';
export { serviceProxy } from './service-proxy.ts';
