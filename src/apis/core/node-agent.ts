/** Where a node's agent is reached. Pure. Upstream: pkg/kubelet/client and pkg/util/node. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Node } from './types.ts';

/** Port of an agent that tells none: it serves its API server in one process. */
const AGENT_PORT = 10_250;
/** Kinds of addresses, the best first. */
const ADDRESS_TYPES = ['InternalIP', 'ExternalIP', 'InternalDNS', 'Hostname'];

/** The best of a node's addresses, which is empty where it has none, and the port of its agent. */
export function agentPlace({ status }: DeepReadonly<Pick<Node, 'status'>>): {
  readonly host: string;
  readonly port: number;
} {
  const { addresses = [], daemonEndpoints } = status;
  const type = ADDRESS_TYPES.find((each) => addresses.some((address) => address.type === each));
  const host = addresses.find((address) => address.type === type)?.address ?? '';
  return { host, port: daemonEndpoints?.kubeletEndpoint?.Port || AGENT_PORT };
}
