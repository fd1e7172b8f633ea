import type { ApiObject, DeepReadonly } from '../apimachinery/meta/object.ts';
import { newBadRequest } from '../apimachinery/status-error.ts';
import { type Parameters, parametersOf } from './request-options.ts';
import type { ServedResource } from './served-resource.ts';

/** Tells which objects a list, a watch or a deletecollection is about. */
export interface Selection {
  /** Whether every object is chosen: nothing to test. */
  readonly everything: boolean;
  /** The one name that can match, when the field selector asks for it. */
  readonly name?: string;
  matches(object: DeepReadonly<ApiObject>): boolean;
}

const EVERYTHING: Selection = { everything: true, matches: () => true };

/** Reads the selectors of a request; throws 400 for those that make no sense. */
export function selectionOf(
  served: ServedResource,
  request: { readonly parameters?: Parameters; readonly name?: string },
): Selection {
  const { labelSelector = '', fieldSelector = '' } = parametersOf(request);
  if (labelSelector === '' && fieldSelector === '' && request.name === undefined) return EVERYTHING;
  const labels = labelSelector === '' ? [] : [labelTest(labelSelector)];
  const fields = fieldTests(served, fieldSelector, request.name);
  return {
    everything: false,
    ...(fields.name === undefined ? {} : { name: fields.name }),
    matches: (object) =>
      fields.tests.every((test) => test(object)) &&
      labels.every((test) => test(object.metadata.labels ?? {})),
  };
}

type LabelTest = (labels: Readonly<Record<string, string>>) => boolean;

function labelTest(text: string): LabelTest {
  const tests = text.split(/,(?![^(]*\))/).map((part): LabelTest => {
    const set = /^\s*([^\s!=]+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(part);
    if (set) {
      const values = new Set((set[3] ?? '').split(',').map((each) => each.trim()));
      const key = set[1] ?? '';
      return (labels) => values.has(labels[key] ?? '\0') === (set[2] === 'in');
    }
    const equal = /^\s*([^\s!=]+)\s*(==?|!=)\s*(\S*)\s*$/.exec(part);
    if (equal) {
      const [, key = '', operator, value] = equal;
      return (labels) => (labels[key] === value) === (operator !== '!=');
    }
    const absent = /^\s*!\s*(\S+)\s*$/.exec(part);
    if (absent) return (labels) => labels[absent[1] ?? ''] === undefined;
    const key = part.trim();
    if (!/^[\w./-]+$/.test(key)) throw newBadRequest(`unable to parse requirement: ${part}`);
    return (labels) => labels[key] !== undefined;
  });
  return (labels) => tests.every((test) => test(labels));
}

type ObjectTest = (object: DeepReadonly<ApiObject>) => boolean;

function fieldTests(
  served: ServedResource,
  text: string,
  requestName: string | undefined,
): { readonly tests: readonly ObjectTest[]; readonly name?: string } {
  const tests: ObjectTest[] = [];
  let name: string | undefined;
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const match = /^([^=!]*)(==?|!=)(.*)$/.exec(part);
    if (!match) {
      throw newBadRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    }
    const [, field = '', operator, value = ''] = match;
    const read = fieldReader(served, field);
    const wanted = operator !== '!=';
    if (field === 'metadata.name' && wanted) name = value;
    tests.push((object) => (read(object) === value) === wanted);
  }
  if (requestName !== undefined) {
    if (tests.length > 0 && name !== requestName) {
      throw newBadRequest("fieldSelector metadata.name doesn't match requested name");
    }
    tests.push((object) => object.metadata.name === requestName);
    name = requestName;
  }
  return name === undefined ? { tests } : { tests, name };
}

function fieldReader(served: ServedResource, field: string): (object: DeepReadonly<ApiObject>) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace' && served.definition.namespaced) {
    return (object) => object.metadata.namespace ?? '';
  }
  const read = served.definition.selectableFields?.[field];
  if (read === undefined) {
    throw newBadRequest(`field label "${field}" not supported for ${served.definition.kind}`);
  }
  return read;
}
