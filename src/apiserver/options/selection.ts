import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { FieldMatcher } from '../../apimachinery/selectors/index.ts';
import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { ServedResource } from '../served-resource.ts';
import type { ListSelectors } from './list-selectors.ts';

/** Tells which objects a list, a watch or a deletecollection is about. */
export interface Selection {
  /** Whether every object is chosen: nothing to test. */
  readonly everything: boolean;
  /** The one name that can match, when the field selector asks for it. */
  readonly name?: string;
  matches(object: DeepReadonly<ApiObject>): boolean;
}

const EVERYTHING: Selection = { everything: true, matches: () => true };

/** What the selectors of a request choose of that kind; throws 400 for fields that it does not know. */
export function selectionOf(
  served: ServedResource,
  request: { readonly name?: string },
  { labels, fields }: ListSelectors,
): Selection {
  if (labels.isEmpty() && fields.isEmpty() && request.name === undefined) return EVERYTHING;
  const tests = fields.requirements.map(({ field, operator, value }): ObjectTest => {
    const read = fieldReader(served, field);
    return operator === '=' ? (object) => read(object) === value : (object) => read(object) !== value;
  });
  const name = request.name === undefined ? wantedName(fields) : settledName(fields, request.name);
  if (request.name !== undefined) tests.push((object) => object.metadata.name === request.name);
  return {
    everything: false,
    ...(name === undefined ? {} : { name }),
    matches: (object) => tests.every((test) => test(object)) && labels.matches(object.metadata.labels),
  };
}

type ObjectTest = (object: DeepReadonly<ApiObject>) => boolean;

function wantedName(fields: FieldMatcher): string | undefined {
  return fields.requirements.find((each) => each.field === 'metadata.name' && each.operator === '=')?.value;
}

/** The name of a request that carries one in its path; a field selector must not say otherwise. */
function settledName(fields: FieldMatcher, name: string): string {
  if (fields.requirements.length > 0 && wantedName(fields) !== name) {
    throw newBadRequest("fieldSelector metadata.name doesn't match requested name");
  }
  return name;
}

function fieldReader(served: ServedResource, field: string): (object: DeepReadonly<ApiObject>) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  const { namespaced, selectableFields, fieldRefusal = usualRefusal(selectableFields) } = served.definition;
  if (field === 'metadata.namespace' && (namespaced || selectableFields === undefined)) {
    return (object) => object.metadata.namespace ?? '';
  }
  const isKnown = selectableFields !== undefined && Object.hasOwn(selectableFields, field);
  const read = isKnown ? selectableFields[field] : undefined;
  if (read === undefined) throw newBadRequest(fieldRefusal(field));
  return read;
}

/** Kinds with fields of their own, and those without any, refuse the others in different words. */
function usualRefusal(selectableFields: object | undefined): (field: string) => string {
  return selectableFields === undefined
    ? (field) =>
        `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
    : (field) => `field label not supported: ${field}`;
}
