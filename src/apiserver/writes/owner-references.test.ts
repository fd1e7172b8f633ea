import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import { dropDoubleOwners } from './owner-references.ts';

test('an owner that stands twice is taken out, and named in a warning; one that only shares its uid stays', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' };
  const object = {
    metadata: { ownerReferences: [owner, { ...owner }, { ...owner, name: 'b' }, { ...owner, uid: 'v' }] },
  } as unknown as ApiObject;
  const warnings: string[] = [];
  dropDoubleOwners(object, { warn: (text) => warnings.push(text) });
  assert.deepEqual(object.metadata.ownerReferences, [owner, { ...owner, name: 'b' }, { ...owner, uid: 'v' }]);
  assert.deepEqual(warnings, [
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u',
  ]);
});
