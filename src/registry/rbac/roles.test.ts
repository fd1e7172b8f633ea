import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Role } from '../../apis/rbac/index.ts';
import { roles } from './roles.ts';

test('a role without rules reads back with null, whether its list is empty or missing', () => {
  for (const rules of [[], undefined]) {
    const role = { metadata: { name: 'r' }, rules } as unknown as Role;
    roles.strategy.applyDefaults(role);
    assert.equal(role.rules, null);
  }
});
