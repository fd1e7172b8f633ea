import type { ApiObject } from '../apimachinery/meta/object.ts';
import { newBadRequest } from '../apimachinery/status-error.ts';
import type { Circumstances } from './circumstances.ts';
import { cloneJson } from './json.ts';
import type { WriteOptions } from './request-options.ts';
import type { ServedResource } from './served-resource.ts';

/** Turns the body of a request into an object of this request's own. */
export interface BodyReader {
  /** The body as an object that the handlers may change; throws 400 for what is none. */
  read(served: ServedResource, body: unknown, options: WriteOptions, context: Circumstances): ApiObject;
}

/** Takes a body as it is: in-process callers hand over typed objects. */
export const plainBodies: BodyReader = {
  read(served, body) {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw newBadRequest(`the object provided is unrecognized (must be of type ${served.definition.kind})`);
    }
    // Type first, as Kubernetes writes objects, so that the stored text begins alike for a whole kind.
    const { apiVersion = '', kind = '', ...rest } = body as ApiObject;
    return { kind, apiVersion, ...cloneJson(rest) };
  },
};
