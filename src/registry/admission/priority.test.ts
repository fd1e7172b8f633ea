import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiObject } from '../../apimachinery/meta/object.ts';
import type { Backend, RequestContext } from '../../apiserver/resource.ts';
import { systemClasses } from './priority.ts';

test('the priority classes of the system cannot be deleted', () => {
  const request = { verb: 'delete', group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' };
  const remove = (name: string): unknown =>
    systemClasses.admit(
      undefined,
      { metadata: { name } } as ApiObject,
      { request } as unknown as RequestContext,
      {} as Backend,
    );
  assert.throws(() => remove('system-node-critical'), {
    message:
      'priorityclasses.scheduling.k8s.io "system-node-critical" is forbidden: this is a system priority class and cannot be deleted',
  });
  remove('mine');
});
