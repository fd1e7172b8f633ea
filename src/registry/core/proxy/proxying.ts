import type { ApiRequest, HttpBackend } from '../../../apimachinery/api-request.ts';
import type { Backend, CustomSubresource, RequestContext } from '../../../apiserver/resource.ts';

/** A `proxy` subresource that finds out whom its requests are for. */
export function proxying(
  kind: string,
  find: (request: ApiRequest, context: RequestContext, backend: Backend) => Promise<HttpBackend>,
): CustomSubresource {
  return {
    kind: 'custom',
    connects: { path: 'string' },
    proxies: true,
    verbs: ['create', 'delete', 'get', 'patch', 'update'],
    body: { group: '', version: 'v1', kind },
    handle: async (request, context, backend) => ({
      kind: 'connect',
      streams: { kind: 'http', backend: await find(request, context, backend) },
    }),
  };
}
