import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRules, uncovered } from './coverage.ts';
import type { PolicyRule } from './types.ts';

const rule = (verbs: string[], resources: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  verbs,
  apiGroups: ['batch'],
  resources,
  ...more,
});

test('a part that no single rule allows is uncovered, though two rules together would allow the whole', () => {
  const held = [rule(['get'], ['jobs']), rule(['list'], ['*/status'])];
  const wanted = [rule(['get', 'list'], ['jobs', 'jobs/status'])];
  assert.deepEqual(
    uncovered(held, wanted).map(({ verbs, resources }) => `${verbs.join()} ${resources?.join()}`),
    ['list jobs', 'get jobs/status'],
  );
});

test('a star covers everything of its list, and a rule for named objects only those', () => {
  const all = rule(['*'], ['*'], { apiGroups: ['*'] });
  assert.deepEqual(uncovered([all], [rule(['get'], ['jobs/log'], { apiGroups: ['', 'x'] })]), []);
  const named = rule(['get'], ['jobs'], { resourceNames: ['a'] });
  assert.deepEqual(uncovered([named], [named]), []);
  assert.equal(uncovered([named], [rule(['get'], ['jobs'])]).length, 1);
  assert.equal(uncovered([named], [{ ...named, resourceNames: ['a', 'b'] }]).length, 1);
  assert.equal(uncovered([all], [{ verbs: ['get'], nonResourceURLs: ['/x'] }]).length, 1);
});

test('a path ending in a star covers the paths that begin so', () => {
  const held = [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }];
  assert.deepEqual(uncovered(held, [{ verbs: ['get'], nonResourceURLs: ['/apis/batch', '/apis/*'] }]), []);
  assert.equal(uncovered(held, [{ verbs: ['get', 'post'], nonResourceURLs: ['/apis/'] }]).length, 1);
});

test('missing rules are shown one a resource, with their verbs together, sorted', () => {
  const missing = uncovered(
    [],
    [rule(['list', 'get'], ['jobs']), { verbs: ['get'], nonResourceURLs: ['/m'] }],
  );
  assert.equal(
    describeRules(missing),
    '{APIGroups:["batch"], Resources:["jobs"], Verbs:["list" "get"]}\n{NonResourceURLs:["/m"], Verbs:["get"]}',
  );
});
