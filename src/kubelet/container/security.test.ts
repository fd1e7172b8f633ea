import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, SecurityContext } from '../../apis/core/types.ts';
import { linuxSecurity } from './security.ts';

function rights(own: SecurityContext, ofPod: Pod['spec']['securityContext'] = {}) {
  const container: Container = { name: 'c', image: 'i', securityContext: own } as Container;
  const pod = { metadata: { name: 'p' }, spec: { containers: [container], securityContext: ofPod } };
  return linuxSecurity(pod as unknown as Pod, container, { seccompDirectory: '/profiles' });
}

test('a container is confined by its own profiles, else by its pod’s, else as the runtime does it', () => {
  assert.deepEqual(
    [rights({}).appArmor, rights({}).seLinux, rights({}).seccomp],
    [undefined, undefined, undefined],
  );
  const ofPod: Pod['spec']['securityContext'] = {
    appArmorProfile: { type: 'RuntimeDefault' },
    seccompProfile: { type: 'Localhost', localhostProfile: 'audit.json' },
    seLinuxOptions: { level: 's0:c1,c2' },
  };
  assert.deepEqual(rights({}, ofPod).appArmor, { type: 'RuntimeDefault' });
  assert.deepEqual(rights({}, ofPod).seccomp, { type: 'Localhost', localhostRef: '/profiles/audit.json' });
  assert.deepEqual(rights({}, ofPod).seLinux, { user: '', role: '', type: '', level: 's0:c1,c2' });
  const own: SecurityContext = {
    appArmorProfile: { type: 'Localhost', localhostProfile: 'k8s-deny-write' },
    seccompProfile: { type: 'Unconfined' },
    seLinuxOptions: { type: 'spc_t' },
  };
  assert.deepEqual(rights(own, ofPod).appArmor, { type: 'Localhost', localhostRef: 'k8s-deny-write' });
  assert.deepEqual(rights(own, ofPod).seccomp, { type: 'Unconfined' });
  assert.deepEqual(rights(own, ofPod).seLinux, { user: '', role: '', type: 'spc_t', level: '' });
  assert.deepEqual(rights({ appArmorProfile: { type: 'Unconfined' } }).appArmor, { type: 'Unconfined' });
});
