/** Whether an applied configuration fits its kind, in the words of structured-merge-diff. */
import { goQuote, goValue } from '../go-text.ts';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { FieldSchema } from '../schema/index.ts';
import { elementText, fieldElement, ItemError, itemElement } from './path-element.ts';

/** What is wrong with a configuration, as one text; undefined when nothing is. */
export function configurationErrors(value: unknown, schema: FieldSchema): string | undefined {
  const { errors } = new ConfigurationCheck(value, schema);
  if (errors.length <= 1) return errors[0];
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

class ConfigurationCheck {
  readonly errors: string[] = [];
  /** Steps from the root to here; worded when there is something to tell. */
  readonly #trail: string[] = [];

  constructor(value: unknown, schema: FieldSchema) {
    this.#check(value, schema);
  }

  #report(what: string): void {
    const path = this.#trail.map(elementText).join('');
    this.errors.push(path === '' ? what : `${path}: ${what}`);
  }

  #check(value: unknown, schema: FieldSchema): void {
    if (value === null || value === undefined) return;
    switch (schema.type) {
      case 'struct':
      case 'map':
        if (isJsonObject(value)) this.#checkMembers(value, schema);
        else this.#report(`expected map, got &{${goValue(value)}}`);
        return;
      case 'list':
        if (Array.isArray(value)) this.#checkItems(value, schema);
        else this.#report(`expected list, got &{${goValue(value)}}`);
        return;
      case 'scalar': {
        const wrong = scalarError(value, schema.scalar ?? 'untyped');
        if (wrong !== undefined) this.#report(wrong);
        return;
      }
      default:
        return;
    }
  }

  #checkMembers(members: JsonObject, schema: FieldSchema): void {
    for (const name of Object.keys(members)) {
      const field = schema.property(name);
      this.#trail.push(fieldElement(name));
      if (field === undefined) this.#report('field not declared in schema');
      else this.#check(members[name], field);
      this.#trail.pop();
      // Upstream stops at the first unknown field of an object.
      if (field === undefined) return;
    }
  }

  #checkItems(items: readonly unknown[], schema: FieldSchema): void {
    const associative = schema.listType === 'set' || schema.listType === 'map';
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      let step = `i:${index}`;
      if (associative) {
        try {
          step = itemElement(item, schema);
        } catch (error) {
          if (!(error instanceof ItemError)) throw error;
          this.#report(`element ${index}: ${error.message}`);
          return;
        }
        if (seen.has(step)) this.#report(`duplicate entries for key ${elementText(step)}`);
        seen.add(step);
      }
      if (schema.items === undefined) continue;
      this.#trail.push(step);
      this.#check(item, schema.items);
      this.#trail.pop();
    }
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
