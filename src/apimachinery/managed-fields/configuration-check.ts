/** Whether an applied configuration fits its kind, in the words of structured-merge-diff. */
import { goQuote, goValue } from '../go-text.ts';
import { isJsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { elementText, ItemError, itemElement } from './path-element.ts';

/** What is wrong with a configuration, as one text; undefined when nothing is. */
export function configurationErrors(value: unknown, schema: FieldSchema): string | undefined {
  const errors: string[] = [];
  check(value, schema, '', errors);
  if (errors.length <= 1) return errors[0];
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

function check(value: unknown, schema: FieldSchema, path: string, errors: string[]): void {
  if (value === null || value === undefined) return;
  const report = (what: string): void => {
    errors.push(path === '' ? what : `${path}: ${what}`);
  };
  switch (schema.type) {
    case 'struct':
    case 'map':
      if (isJsonObject(value)) checkMembers(value, schema, path, errors);
      else report(`expected map, got &{${goValue(value)}}`);
      return;
    case 'list':
      if (Array.isArray(value)) checkItems(value, schema, path, errors, report);
      else report(`expected list, got &{${goValue(value)}}`);
      return;
    case 'scalar': {
      const wrong = scalarError(value, schema.scalar ?? 'untyped');
      if (wrong !== undefined) report(wrong);
      return;
    }
    default:
      return;
  }
}

function checkMembers(members: object, schema: FieldSchema, path: string, errors: string[]): void {
  for (const [name, member] of Object.entries(members)) {
    const at = `${path}.${name}`;
    const field = schema.property(name);
    if (field === undefined) {
      errors.push(`${at}: field not declared in schema`);
      // Upstream stops at the first unknown field of an object.
      return;
    }
    check(member, field, at, errors);
  }
}

function checkItems(
  items: readonly unknown[],
  schema: FieldSchema,
  path: string,
  errors: string[],
  report: (what: string) => void,
): void {
  const associative = schema.listType === 'set' || schema.listType === 'map';
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    let step = `[${index}]`;
    if (associative) {
      try {
        step = elementText(itemElement(item, schema));
      } catch (error) {
        if (!(error instanceof ItemError)) throw error;
        report(`element ${index}: ${error.message}`);
        return;
      }
      if (seen.has(step)) report(`duplicate entries for key ${step}`);
      seen.add(step);
    }
    if (schema.items !== undefined) check(item, schema.items, `${path}${step}`, errors);
  }
}

function scalarError(value: unknown, expected: NonNullable<FieldSchema['scalar']>): string | undefined {
  switch (expected) {
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goValue(value)}}`;
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goValue(value)}}` : undefined;
  }
}

/** Go's `%T`. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Go's `%#v`. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isJsonObject(value)) {
    const members = Object.keys(value).sort();
    return `map[string]interface {}{${members.map((key) => `${goQuote(key)}:${goSyntax(value[key])}`).join(', ')}}`;
  }
  return goValue(value);
}
