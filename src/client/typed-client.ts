/** The one {@link Client}: typed calls turned into requests for whichever transport it was given. */
import type { ApiRequest, PatchType, Transport, Verb } from '../apimachinery/api-request.ts';
import { invariant } from '../apimachinery/invariant.ts';
import { type ApiObject, apiVersionOf, type DeepReadonly, type Draft } from '../apimachinery/meta/object.ts';
import { newInternalError } from '../apimachinery/status-error.ts';
import type { Watch, WatchObserver } from '../apimachinery/watch-event.ts';
import type { Client, DeleteRequestOptions, List, Resource, Selection } from './client.ts';

/** A client that speaks through `transport`, as the user whom that transport stands for. */
export function newClient(transport: Transport): Client {
  return new TypedClient(transport);
}

class TypedClient implements Client {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get<T extends ApiObject>(of: Resource<T>, namespace: string, name: string): Promise<DeepReadonly<T>> {
    return this.#object<T>(request(of, 'get', namespace, { name }));
  }

  list<T extends ApiObject>(
    of: Resource<T>,
    selection: Selection = {},
    page: { limit?: number; continue?: string; resourceVersion?: string } = {},
  ): Promise<List<T>> {
    const parameters = selectionParameters(selection);
    if (page.limit !== undefined) parameters['limit'] = String(page.limit);
    if (page.continue) parameters['continue'] = page.continue;
    if (page.resourceVersion !== undefined) parameters['resourceVersion'] = page.resourceVersion;
    return this.#answer<List<T>>(request(of, 'list', selection.namespace, { parameters }));
  }

  create<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    object: DeepReadonly<Draft<T>>,
  ): Promise<DeepReadonly<T>> {
    const body = { ...(object as object), apiVersion: apiVersionOf(of.group, of.version), kind: of.kind };
    return this.#object<T>(request(of, 'create', namespace, { body }));
  }

  update<T extends ApiObject>(of: Resource<T>, object: DeepReadonly<T>): Promise<DeepReadonly<T>> {
    return this.#put(of, object, {});
  }

  updateStatus<T extends ApiObject>(of: Resource<T>, object: DeepReadonly<T>): Promise<DeepReadonly<T>> {
    return this.#put(of, object, { subresource: 'status' });
  }

  patch<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    type: PatchType,
    patch: unknown,
    subresource?: string,
    parameters?: Readonly<Record<string, string>>,
  ): Promise<DeepReadonly<T>> {
    return this.#object<T>(
      request(of, 'patch', namespace, {
        name,
        patchType: type,
        body: patch,
        ...(subresource === undefined ? {} : { subresource }),
        ...(parameters === undefined ? {} : { parameters }),
      }),
    );
  }

  async delete<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    options?: DeleteRequestOptions,
  ): Promise<void> {
    await this.transport.send(request(of, 'delete', namespace, { name, ...deleteBody(options) }));
  }

  async deleteCollection<T extends ApiObject>(
    of: Resource<T>,
    selection: Selection,
    options?: DeleteRequestOptions,
  ): Promise<void> {
    const parameters = selectionParameters(selection);
    await this.transport.send(
      request(of, 'deletecollection', selection.namespace, { parameters, ...deleteBody(options) }),
    );
  }

  createSubresource<T extends ApiObject>(
    of: Resource<T>,
    namespace: string,
    name: string,
    subresource: string,
    body: object,
  ): Promise<DeepReadonly<object>> {
    return this.#answer<DeepReadonly<object>>(request(of, 'create', namespace, { name, subresource, body }));
  }

  watch<T extends ApiObject>(
    of: Resource<T>,
    selection: Selection,
    resourceVersion: string,
    observer: WatchObserver<T>,
  ): Promise<Watch> {
    const parameters = selectionParameters(selection);
    parameters['resourceVersion'] = resourceVersion;
    parameters['allowWatchBookmarks'] = 'true';
    // The server answers objects of the kind that was asked for, so the observer of that kind may have them.
    return this.transport.watch(
      request(of, 'watch', selection.namespace, { parameters }),
      observer as unknown as WatchObserver,
    );
  }

  async logs(
    namespace: string,
    pod: string,
    parameters?: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.transport.send({
      verb: 'get',
      group: '',
      version: 'v1',
      resource: 'pods',
      subresource: 'log',
      namespace,
      name: pod,
      ...(parameters === undefined ? {} : { parameters }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind === 'stream') return answer.bytes;
    throw newInternalError('the server answered an object where a log was asked for');
  }

  #put<T extends ApiObject>(
    of: Resource<T>,
    object: DeepReadonly<T>,
    more: Partial<ApiRequest>,
  ): Promise<DeepReadonly<T>> {
    const { namespace, name } = object.metadata as DeepReadonly<ApiObject>['metadata'];
    return this.#object<T>(request(of, 'update', namespace, { name, body: object, ...more }));
  }

  #object<T extends ApiObject>(of: ApiRequest): Promise<DeepReadonly<T>> {
    return this.#answer<DeepReadonly<T>>(of);
  }

  async #answer<Answer>(of: ApiRequest): Promise<Answer> {
    const answer = await this.transport.send(of);
    if (answer.kind === 'object') return answer.object as Answer;
    throw newInternalError(`the server answered a stream to ${of.verb} ${of.resource}`);
  }
}

function request<T extends ApiObject>(
  of: Resource<T>,
  verb: Verb,
  namespace: string | undefined,
  more: Partial<ApiRequest>,
): ApiRequest {
  invariant(
    !of.namespaced || namespace || more.name === undefined,
    `${verb} ${of.resource} ${more.name ?? ''} needs a namespace`,
  );
  return {
    verb,
    group: of.group,
    version: of.version,
    resource: of.resource,
    ...(of.namespaced && namespace ? { namespace } : {}),
    ...more,
  };
}

function selectionParameters(selection: Selection): Record<string, string> {
  const parameters: Record<string, string> = {};
  if (selection.labelSelector) parameters['labelSelector'] = selection.labelSelector;
  if (selection.fieldSelector) parameters['fieldSelector'] = selection.fieldSelector;
  return parameters;
}

function deleteBody(options: DeleteRequestOptions | undefined): { readonly body?: object } {
  return options === undefined ? {} : { body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } };
}
