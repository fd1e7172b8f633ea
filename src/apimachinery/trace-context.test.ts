import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraceparent, traceIdOf } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('a traceparent is handed on as it came, one of a later version as version 00', () => {
  const value = `00-${TRACE}-${SPAN}-01`;
  assert.equal(readTraceparent(value), value);
  assert.equal(readTraceparent(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`), value);
  assert.equal(traceIdOf(value), TRACE);
});

test('what is no traceparent counts as if it were not there', () => {
  const wrong = [
    undefined,
    '',
    '00-x',
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-01more`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
  ];
  for (const value of wrong) assert.equal(readTraceparent(value), undefined, String(value));
});
