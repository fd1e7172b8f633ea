import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFieldNumbers } from './field-numbers.ts';
import { schemas } from './index.ts';

/** Types that are written in a way of their own. */
const SPECIAL = /\.(Quantity|IntOrString|Duration|Time|MicroTime|FieldsV1|RawExtension)$/;

test('every field of every type has a number of its own, and each type of Go', async () => {
  const numbers = await loadFieldNumbers();
  for (const [id, { properties = {} }] of Object.entries(schemas.definitions)) {
    if (SPECIAL.test(id)) continue;
    const fields = numbers[id];
    assert.ok(fields !== undefined, id);
    // A type of its own says what it is in its envelope.
    const names = Object.keys(properties).filter((name) => name !== 'kind' && name !== 'apiVersion');
    for (const name of names) assert.ok(fields[name] !== undefined, `${id}.${name}`);
    assert.equal(new Set(Object.values(fields)).size, Object.keys(fields).length, id);
    if (id.endsWith('.WatchEvent')) continue;
    for (const name of Object.keys(fields))
      assert.ok(schemas.wire[id]?.[name] !== undefined, `${id}.${name}`);
  }
});
