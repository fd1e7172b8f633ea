import type { ApiRequest } from '../../apimachinery/api-request.ts';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { newForbidden, type StatusError } from '../../apimachinery/status-error.ts';
import { validatePathSegmentName } from '../../apimachinery/validation/index.ts';

/** Letters that the server appends to a generateName. */
const SUFFIX_LENGTH = 5;

/** 403 about the object of a request, by its name; Kubernetes calls it so where it has none. */
export function forbid(request: ApiRequest, object: ApiObject | undefined, why: string): StatusError {
  const name = request.name || object?.metadata.name || 'Unknown';
  return newForbidden(request.group, request.resource, name, why);
}

/** Like {@link forbid}, from a plugin that Kubernetes runs before it makes up names: what has no name yet goes by its prefix. */
export function forbidUnnamed(request: ApiRequest, object: ApiObject | undefined, why: string): StatusError {
  const { name = '', generateName = '' } = object?.metadata ?? {};
  const made = generateName !== '' && name.length === generateName.length + SUFFIX_LENGTH;
  if (request.name !== undefined || !made || !name.startsWith(generateName)) {
    return forbid(request, object, why);
  }
  return newForbidden(request.group, request.resource, generateName, why);
}

/** Why a name cannot be asked for at all, in the words of upstream's client; undefined when it can. */
export function unusableName(name: string): string | undefined {
  const wrong = validatePathSegmentName(name);
  return wrong.length === 0
    ? undefined
    : `invalid resource name ${JSON.stringify(name)}: [${wrong.join(' ')}]`;
}
