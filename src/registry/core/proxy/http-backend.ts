/** A port of a pod as the backend of a request that is handed on to it. */
import { isIP, isIPv6 } from 'node:net';
import type { HttpBackend } from '../../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest, newServiceUnavailable, StatusError } from '../../../apimachinery/status-error.ts';
import { messageOf } from '../../../apimachinery/thrown.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { PodStreamSource } from '../pod/streams.ts';
import { isGlobalUnicast } from './global-unicast.ts';

/** How a port is reached. */
export interface PortWish {
  readonly secure: boolean;
  /** Empty: the usual one of its scheme. */
  readonly port: string;
}

/**
 * The port of a pod, reached through the pod's node. Throws 400 for a pod whose address is none that others may use: what a
 * machine keeps to itself is not reached through the pods that share its network (upstream's rule).
 */
export function httpBackend(
  source: PodStreamSource,
  pod: DeepReadonly<Pod>,
  { secure, port }: PortWish,
  traceparent?: string,
): HttpBackend {
  const address = pod.status.podIPs?.[0]?.ip ?? '';
  if (isIP(address) === 0 || !isGlobalUnicast(address)) throw newBadRequest('address not allowed');
  const shown = isIPv6(address) ? `[${address}]` : address;
  const host = port === '' ? shown : `${shown}:${port}`;
  return {
    secure,
    host,
    async open() {
      const number = port === '' ? (secure ? 443 : 80) : Number(port);
      if (!Number.isInteger(number) || number < 1 || number > 65_535) {
        throw unreachable(`dial tcp: address ${port}: invalid port`);
      }
      try {
        const connect = await source.ports(pod, traceparent);
        return await connect(number);
      } catch (error) {
        if (error instanceof StatusError) throw error;
        const why = messageOf(error);
        throw unreachable(`dial tcp ${shown}:${number}: ${why}`);
      }
    },
  };
}

function unreachable(why: string): StatusError {
  return newServiceUnavailable(`error trying to reach service: ${why}`);
}
