/** `pods/proxy`: hands HTTP requests on to a port of a pod. */

import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../../apimachinery/status-error.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { CustomSubresource } from '../../../apiserver/resource.ts';
import type { PodStreamSource } from '../pod/streams.ts';
import { parseBackendName } from './backend-name.ts';
import { httpBackend } from './http-backend.ts';
import { proxying } from './proxying.ts';

/** Makes it with a way to the nodes. Without a port in the name the request goes to the first that a container declares. */
export function podProxy(source: PodStreamSource): CustomSubresource {
  return proxying('PodProxyOptions', async (request, _context, backend) => {
    const asked = parseBackendName(request.name ?? '');
    if (asked === undefined) throw newBadRequest(`invalid pod request ${JSON.stringify(request.name)}`);
    const { subresource: _, ...ofPod } = request;
    const pod = (await backend.get({ ...ofPod, verb: 'get', name: asked.name })) as DeepReadonly<Pod>;
    const port = asked.port || declaredPort(pod);
    return httpBackend(source, pod, { secure: asked.secure, port }, request.traceparent);
  });
}

function declaredPort({ spec }: DeepReadonly<Pod>): string {
  const [first] = spec.containers.flatMap(({ ports = [] }) => ports);
  return first === undefined ? '' : String(first.containerPort);
}
