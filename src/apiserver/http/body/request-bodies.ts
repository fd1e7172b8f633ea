import type { ApiRequest, PatchType } from '../../../apimachinery/api-request.ts';
import { apiVersionOf } from '../../../apimachinery/meta/object.ts';
import { StatusError } from '../../../apimachinery/status-error.ts';
import type { Catalog } from '../../catalog.ts';
import type { ServedResource } from '../../served-resource.ts';
import { newUnsupportedPatch, PATCH_TYPES } from '../../verbs/patch.ts';
import { header, type Incoming } from '../exchange.ts';
import type { LoadProtobuf } from '../load-protobuf.ts';
import type { TypeOfBody } from '../protobuf-form.ts';
import { decodeBody, parseJson, parseYaml, patchTypeOf, type ReadBody, withBody, withText } from './body.ts';
import { BodyBudget } from './body-budget.ts';

/** A body that was read, or what kept it from being read. */
export interface RequestBody extends Partial<ReadBody> {
  readonly patchType?: PatchType;
  readonly fault?: StatusError;
}

/** Reads the body of a request as its verb wants it. */
export class RequestBodies {
  readonly #catalog: Catalog;
  readonly #protobuf: LoadProtobuf | undefined;
  readonly #budget = new BodyBudget();

  constructor(catalog: Catalog, protobuf?: LoadProtobuf) {
    this.#catalog = catalog;
    this.#protobuf = protobuf;
  }

  /**
   * The body, decoded; nothing for verbs without one. What makes it unreadable (400, 415) is answered as `fault`, for the
   * handler may have something else to say first. Throws 413 and 429.
   */
  async read(
    request: ApiRequest,
    served: ServedResource | undefined,
    incoming: Incoming,
  ): Promise<RequestBody> {
    try {
      return await this.#decoded(request, served, incoming);
    } catch (error) {
      if (!(error instanceof StatusError) || (error.code !== 400 && error.code !== 415)) throw error;
      const patchType = patchTypeOf(header(incoming, 'content-type')) as PatchType;
      return { fault: error, ...(request.verb === 'patch' ? { patchType } : {}) };
    }
  }

  async #decoded(
    request: ApiRequest,
    served: ServedResource | undefined,
    incoming: Incoming,
  ): Promise<RequestBody> {
    const { verb } = request;
    if (verb === 'get' || verb === 'list') return {};
    const contentType = header(incoming, 'content-type');
    if (verb === 'patch') {
      const ignoring = request.parameters?.['fieldValidation'] === 'Ignore';
      return this.#patch(incoming, patchTypeOf(contentType), ignoring);
    }
    const deletes = verb === 'delete' || verb === 'deletecollection';
    const protobuf = this.#protobuf;
    return withBody(incoming, this.#budget, (bytes) => {
      if (bytes.length === 0 && deletes) return {};
      const type = deletes ? optionsOf(request) : this.#typeOf(request, served);
      const kind = deletes ? undefined : type.kind;
      const decoding = protobuf && {
        protobuf: async (sent: Uint8Array) => (await protobuf()).decode(sent, type),
      };
      return decodeBody(bytes, contentType, { ...(kind !== undefined && { kind }), ...decoding });
    });
  }

  #patch(
    incoming: Incoming,
    type: string,
    ignoring: boolean,
  ): Promise<Partial<ReadBody> & { patchType: PatchType }> {
    if (!PATCH_TYPES.includes(type)) throw newUnsupportedPatch();
    const patchType = type as PatchType;
    return withBody(incoming, this.#budget, (bytes) =>
      readPatch(bytes.toString('utf8'), patchType, ignoring),
    );
  }

  /** The bytes that bodies hold now. */
  get bytesHeld(): number {
    return this.#budget.taken;
  }

  /** The type that a body is to be of. */
  #typeOf(request: ApiRequest, served: ServedResource | undefined): TypeOfBody {
    const { group, version, resource, subresource = '' } = request;
    const apiVersion = apiVersionOf(group, version);
    if (served !== undefined) return { apiVersion, kind: served.definition.kind };
    const parent = this.#catalog.find(group, version, resource);
    const below = parent?.definition.subresources?.[subresource];
    const body = below?.kind === 'custom' ? below.body : undefined;
    if (body === undefined) {
      const virtual = this.#catalog.findVirtual(group, version, resource);
      return { apiVersion, kind: virtual?.kind ?? parent?.definition.kind ?? '' };
    }
    const { formerVersions = [] } = body;
    return {
      apiVersion: apiVersionOf(body.group, body.version),
      kind: body.kind,
      formerly: formerVersions.map((each) => apiVersionOf(body.group, each)),
    };
  }
}

/** What the body of a delete is, of whichever group. */
function optionsOf({ group, version }: ApiRequest): TypeOfBody {
  return { apiVersion: apiVersionOf(group, version), kind: 'DeleteOptions' };
}

async function readPatch(
  text: string,
  patchType: PatchType,
  ignoring: boolean,
): Promise<Partial<ReadBody> & { patchType: PatchType }> {
  if (patchType === 'application/apply-patch+yaml') {
    const message = (why: string): string => `error decoding YAML: error converting YAML to JSON: ${why}`;
    return { ...(await parseYaml(text, message)), patchType };
  }
  const body = parseJson(text, (why) => brokenPatch(patchType, ignoring, why));
  return { ...withText(body, text), patchType };
}

/** What is said of a patch that is no JSON; `ignoring`: whether unknown fields are ignored, which takes another parser. */
function brokenPatch(type: PatchType, ignoring: boolean, why: string): string {
  if (type === 'application/strategic-merge-patch+json') return why;
  if (!ignoring) return `error decoding patch: ${why}`;
  return type === 'application/merge-patch+json' ? 'Invalid JSON Patch' : why;
}
