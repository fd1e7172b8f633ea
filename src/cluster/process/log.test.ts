import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLine } from './log.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

test('a line has its level, time, fields and message, and an error says what it is', () => {
  const cause = new TypeError('below');
  const error = Object.assign(new Error('above', { cause }), { code: 'EPIPE' });
  const line = logLine(40, NOW, { node: 'n', error, count: 3n }, 'it broke');
  assert.ok(line.endsWith('}\n'));
  const { error: told, ...rest } = JSON.parse(line) as { readonly error: Record<string, unknown> };
  assert.deepEqual(rest, {
    level: 40,
    time: '2026-01-02T03:04:05.678Z',
    node: 'n',
    count: '3',
    msg: 'it broke',
  });
  assert.deepEqual([told['type'], told['message'], told['code']], ['Error', 'above', 'EPIPE']);
  assert.match(String(told['stack']), /log\.test/);
  assert.equal((told['cause'] as Record<string, unknown>)['message'], 'below');
});

test('fields that cannot be told do not cost the message', () => {
  const round: Record<string, unknown> = {};
  round['self'] = round;
  assert.deepEqual(JSON.parse(logLine(50, NOW, round, 'still here')), {
    level: 50,
    time: '2026-01-02T03:04:05.678Z',
    msg: 'still here',
  });
});
