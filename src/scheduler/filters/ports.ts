/** Ports of the host. Upstream: plugins/nodeports. */
import { type Filter, resolvable } from './filter.ts';

const TAKEN = resolvable("node(s) didn't have free ports for the requested pod ports");

/** Turns down nodes on which a port that the pod wants is taken. */
export const ports: Filter = (pod) => {
  if (pod.ports.length === 0) return undefined;
  return (state) => (pod.ports.some((port) => state.portTaken(port)) ? TAKEN : undefined);
};
