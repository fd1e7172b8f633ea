import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelMatch, nodeTermMatch } from './label-match.ts';

test('an absent selector selects nothing and an empty one everything', () => {
  assert.equal(labelMatch(undefined)({ a: '1' }), false);
  assert.equal(labelMatch({})({}), true);
});

test('every operator of node affinity', () => {
  const labels = { zone: 'x', cores: '8', '': '' };
  const matches = (key: string, operator: string, ...values: string[]): boolean =>
    nodeTermMatch({ matchExpressions: [{ key, operator: operator as 'In', values }] })(labels, 'n1');
  const expected: readonly (readonly [boolean, boolean])[] = [
    [matches('zone', 'In', 'x', 'y'), true],
    [matches('zone', 'In', 'y'), false],
    [matches('disk', 'In', 'ssd'), false],
    [matches('zone', 'NotIn', 'y'), true],
    [matches('disk', 'NotIn', 'ssd'), true],
    [matches('zone', 'NotIn', 'x'), false],
    [matches('zone', 'Exists'), true],
    [matches('disk', 'Exists'), false],
    [matches('disk', 'DoesNotExist'), true],
    [matches('zone', 'DoesNotExist'), false],
    [matches('cores', 'Gt', '7'), true],
    [matches('cores', 'Gt', '8'), false],
    [matches('cores', 'Lt', '+9'), true],
    [matches('zone', 'Gt', '1'), false],
    [matches('cores', 'Lt', 'many'), false],
    [matches('zone', 'Unknown'), false],
  ];
  assert.deepEqual(
    expected.map(([found]) => found),
    expected.map(([, wanted]) => wanted),
  );
});

test('a term may name a node, and a term without requirements selects none', () => {
  const named = nodeTermMatch({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] });
  assert.deepEqual([named({}, 'n1'), named({}, 'n2')], [true, false]);
  assert.equal(nodeTermMatch({})({}, 'n1'), false);
});
