/** How a request looks in HTTP: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
import type { ApiRequest, Verb } from '../../apimachinery/api-request.ts';

const METHODS: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};

/** The HTTP method of a verb. */
export function methodOf(verb: Verb): string {
  return METHODS[verb];
}

/** Path and query of a request, such as `/apis/batch/v1/namespaces/default/jobs/pi/status?dryRun=All`. */
export function pathOf(request: ApiRequest): string {
  const { group, version, namespace, resource, name, subresource } = request;
  let path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  if (namespace) path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${resource}`;
  if (name) path += `/${encodeURIComponent(name)}`;
  if (subresource) path += `/${subresource}`;
  const query = new URLSearchParams(request.parameters);
  if (request.verb === 'watch') query.set('watch', 'true');
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
