import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalBase64 } from './base64.ts';
import { SchemaSet } from './index.ts';
import { canonicalMicroTime, canonicalTime } from './timestamps.ts';

test('a time is written in UTC, to the second or the microsecond', () => {
  assert.equal(canonicalTime('2026-01-01T01:30:00+01:00'), '2026-01-01T00:30:00Z');
  assert.equal(canonicalTime('2026-01-01T00:00:00.999Z'), '2026-01-01T00:00:00Z');
  assert.equal(canonicalTime('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00Z');
  assert.equal(canonicalMicroTime('2026-01-01T00:00:00.123456-02:00'), '2026-01-01T02:00:00.123456Z');
});

test('every instant of a thousand years reads as it was written', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1500-01-01'), max: new Date('2500-01-01'), noInvalidDate: true }),
      (date) => {
        const text = `${date.toISOString().slice(0, 19)}Z`;
        assert.equal(canonicalTime(text), text);
      },
    ),
  );
});

test('a text that is no time is refused in the words of Go', () => {
  const layout = '"2006-01-02T15:04:05Z07:00"';
  const cases: readonly (readonly [string, string])[] = [
    ['yesterday', `parsing time "yesterday" as ${layout}: cannot parse "yesterday" as "2006"`],
    ['2026-01-01', `parsing time "2026-01-01" as ${layout}: cannot parse "" as "T"`],
    ['2026-01-01T00:00:00', `parsing time "2026-01-01T00:00:00" as ${layout}: cannot parse "" as "Z07:00"`],
    ['2026-13-01T00:00:00Z', 'parsing time "2026-13-01T00:00:00Z": month out of range'],
    ['2026-02-30T00:00:00Z', 'parsing time "2026-02-30T00:00:00Z": day out of range'],
    ['2026-01-01T24:00:00Z', 'parsing time "2026-01-01T24:00:00Z": hour out of range'],
    ['2026-01-01T00:00:00Zz', 'parsing time "2026-01-01T00:00:00Zz": extra text: "z"'],
  ];
  for (const [text, message] of cases) assert.throws(() => canonicalTime(text), { message });
  assert.throws(() => canonicalMicroTime('2026-01-01T00:00:00Z'), {
    message:
      'parsing time "2026-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  });
});

test('base64 is normalised, line ends are skipped, and the first wrong byte is named', () => {
  assert.equal(canonicalBase64('aGVs\nbG8='), 'aGVsbG8=');
  assert.equal(canonicalBase64(''), '');
  assert.deepEqual(canonicalBase64('!!'), { wrongAt: 0 });
  assert.deepEqual(canonicalBase64('aGVs!'), { wrongAt: 4 });
  assert.deepEqual(canonicalBase64('aGVsb'), { wrongAt: 4 });
  assert.deepEqual(canonicalBase64('aGVsbG8=x'), { wrongAt: 8 });
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      assert.equal(canonicalBase64(text), text);
    }),
  );
});

test('a number or text decodes as quantity and as int-or-string, anything else is refused', () => {
  const schema = new SchemaSet(
    {
      'x.v1.Thing': {
        type: 'object',
        properties: {
          size: { $ref: '#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity' },
          port: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
        },
      },
    },
    { 'x.v1.Thing': { size: 'p resource.Quantity', port: 'p intstr.IntOrString' } },
  ).kind('x.v1.Thing');
  assert.deepEqual(schema.decode({ size: 0.5, port: 80 }).object, { size: '500m', port: 80 });
  assert.deepEqual(schema.decode({ size: ' 1024Mi ', port: 'http' }).object, { size: '1Gi', port: 'http' });
  assert.throws(() => schema.decode({ size: true }), {
    name: 'DecodeError',
    message: /^quantities must match/,
  });
  assert.throws(() => schema.decode({ port: true }), {
    message: 'json: cannot unmarshal bool into Go struct field Thing.port of type int32',
  });
});
