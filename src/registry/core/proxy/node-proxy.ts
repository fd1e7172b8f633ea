/** `nodes/proxy`: hands HTTP requests on to a node's agent, or to another port of the node. Upstream: pkg/registry/core/node. */
import type { Duplex } from 'node:stream';
import type { HttpBackend } from '../../../apimachinery/api-request.ts';
import { hostPort } from '../../../apimachinery/dial-error.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest, newServiceUnavailable } from '../../../apimachinery/status-error.ts';
import { agentPlace } from '../../../apis/core/index.ts';
import type { Node } from '../../../apis/core/types.ts';
import type { CustomSubresource } from '../../../apiserver/resource.ts';
import { type BackendName, parseBackendName } from './backend-name.ts';
import { isGlobalUnicast } from './global-unicast.ts';
import { proxying } from './proxying.ts';

/** The way to the nodes' agents. */
export interface NodeAgentSource {
  /**
   * Connects to a node's agent as somebody who may ask it for everything; HTTP/1.1 is spoken. Rejects with the StatusError that the
   * client gets.
   */
  agent(nodeName: string): Promise<Duplex>;
  /** Connects to another port of a node's machine. Rejects likewise. */
  dial(host: string, port: number): Promise<Duplex>;
}

/** Makes it with a way to the agents. The name may say a port: `NODE:PORT`, `https:NODE:PORT`. */
export function nodeProxy(source: NodeAgentSource): CustomSubresource {
  return proxying('NodeProxyOptions', async (request, _context, backend) => {
    const asked = parseBackendName(request.name ?? '');
    if (asked === undefined) throw newBadRequest(`invalid node request ${JSON.stringify(request.name)}`);
    const { subresource: _, ...ofNode } = request;
    const node = (await backend.get({ ...ofNode, verb: 'get', name: asked.name })) as DeepReadonly<Node>;
    const { host, port } = agentPlace(node);
    if (asked.port === '' || asked.port === String(port)) {
      return { secure: false, host: hostPort(host, port), open: () => source.agent(asked.name) };
    }
    return otherPort(source, host, asked);
  });
}

function otherPort(source: NodeAgentSource, host: string, { port, secure }: BackendName): HttpBackend {
  if (!isGlobalUnicast(host)) throw newBadRequest('address not allowed');
  const number = Number(port);
  const open = async (): Promise<Duplex> => {
    if (!Number.isInteger(number) || number < 1 || number > 65_535) {
      throw unreachable(`dial tcp: address ${port}: invalid port`);
    }
    return source.dial(host, number);
  };
  return { secure, host: `${hostPort(host, 0).slice(0, -1)}${port}`, open };
}

function unreachable(why: string): Error {
  return newServiceUnavailable(`error trying to reach service: ${why}`);
}
