/** `services/proxy`: hands HTTP requests on to a ready pod of a service. */
import type { ApiRequest, HttpBackend } from '../../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import type { Random } from '../../../apimachinery/random.ts';
import {
  newBadRequest,
  newNotFound,
  newServiceUnavailable,
  StatusError,
} from '../../../apimachinery/status-error.ts';
import type { Pod, Service } from '../../../apis/core/types.ts';
import type { EndpointSlice } from '../../../apis/discovery/types.ts';
import type { Backend, CustomSubresource, RequestContext } from '../../../apiserver/resource.ts';
import type { PodStreamSource } from '../pod/streams.ts';
import { parseBackendName } from './backend-name.ts';
import { httpBackend } from './http-backend.ts';
import { proxying } from './proxying.ts';

/** A pod's port behind a service. */
interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly address: string;
  readonly port: number;
}

/** Makes it with a way to the nodes; `random` chooses among the pods. */
export function serviceProxy(source: PodStreamSource, random: Random): CustomSubresource {
  return proxying('ServiceProxyOptions', async (request, context, backend) => {
    const id = request.name ?? '';
    const asked = parseBackendName(id);
    if (asked === undefined) throw newBadRequest(`invalid service request ${JSON.stringify(id)}`);
    const port = await portName(request, backend, asked.name, asked.port);
    const slices = await slicesOf(request, context, backend, asked.name);
    const places = placesOf(slices, port);
    const first = Math.floor(random.fraction() * places.length);
    for (let tried = 0; tried < places.length; tried++) {
      const place = places[(first + tried) % places.length];
      const found = place && (await reached(source, request, backend, place, asked.secure));
      if (found) return found;
    }
    const why = slices.some(({ endpoints = [] }) => endpoints.length > 0) ? id : asked.name;
    throw newServiceUnavailable(`no endpoints available for service ${JSON.stringify(why)}`);
  });
}

/** The name of the service's port that is meant. Throws 404 for a service and 503 for a number that is not there. */
async function portName(request: ApiRequest, backend: Backend, name: string, port: string): Promise<string> {
  const isNumber = /^[+-]?\d+$/.test(port);
  const { subresource: _, ...ofService } = request;
  let service: DeepReadonly<Service>;
  try {
    service = (await backend.get({ ...ofService, verb: 'get', name })) as DeepReadonly<Service>;
  } catch (error) {
    if (isNumber || !(error instanceof StatusError) || error.code !== 404) throw error;
    // Upstream asks for the endpoints at once then.
    throw newNotFound('', 'endpoints', name);
  }
  if (!isNumber) return port;
  const found = service.spec.ports?.find((each) => each.port === Number(port));
  if (found !== undefined) return found.name ?? '';
  const which = `no service port ${Number(port)} found for service ${JSON.stringify(name)}`;
  throw newServiceUnavailable(which);
}

async function slicesOf(
  { namespace = '' }: ApiRequest,
  context: RequestContext,
  backend: Backend,
  name: string,
): Promise<readonly DeepReadonly<EndpointSlice>[]> {
  const answer = await backend.call(
    {
      verb: 'list',
      group: 'discovery.k8s.io',
      version: 'v1',
      resource: 'endpointslices',
      namespace,
      parameters: { labelSelector: `kubernetes.io/service-name=${name}` },
    },
    context,
  );
  if (answer.kind !== 'object') return [];
  return (answer.object as { readonly items: readonly DeepReadonly<EndpointSlice>[] }).items;
}

/** The ready pods behind the ports of that name. */
function placesOf(slices: readonly DeepReadonly<EndpointSlice>[], name: string): readonly Place[] {
  return slices.flatMap(({ metadata, endpoints = [], ports = [] }) =>
    ports
      .filter((each) => (each.name ?? '') === name && each.port !== undefined)
      .flatMap(({ port = 0 }) =>
        endpoints
          .filter(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod')
          .map(({ addresses, targetRef }) => ({
            namespace: targetRef?.namespace ?? metadata.namespace ?? '',
            pod: targetRef?.name ?? '',
            address: addresses[0] ?? '',
            port,
          })),
      ),
  );
}

/** Undefined when that pod is not there any more, or has another address now. */
async function reached(
  source: PodStreamSource,
  { traceparent }: ApiRequest,
  backend: Backend,
  { namespace, pod: name, address, port }: Place,
  secure: boolean,
): Promise<HttpBackend | undefined> {
  let pod: DeepReadonly<Pod>;
  try {
    const request = { verb: 'get', group: '', version: 'v1', resource: 'pods', namespace, name } as const;
    pod = (await backend.get(request)) as DeepReadonly<Pod>;
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
  if (!pod.status.podIPs?.some(({ ip }) => ip === address)) return undefined;
  return httpBackend(source, pod, { secure, port: String(port) }, traceparent);
}
