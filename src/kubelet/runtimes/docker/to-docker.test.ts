import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig, LinuxSecurity } from '../container.ts';
import { type ContainerPlace, dockerContainer } from './to-docker.ts';

function optionsOf(security: Partial<LinuxSecurity>): readonly string[] {
  const rights = { addCapabilities: [], dropCapabilities: [], supplementalGroups: [], ...security };
  const config = {
    security: rights,
    command: [],
    args: [],
    workingDir: '',
    env: [],
    mounts: [],
    resources: {},
  };
  const place = { sandbox: {}, seccompProfile: undefined } as unknown as ContainerPlace;
  const body = dockerContainer(config as unknown as ContainerConfig, place) as {
    readonly HostConfig: { readonly SecurityOpt: readonly string[] };
  };
  return body.HostConfig.SecurityOpt;
}

test('profiles of AppArmor and labels of SELinux are the engine’s security options', () => {
  assert.deepEqual(optionsOf({}), ['seccomp=unconfined']);
  const seccomp = { type: 'RuntimeDefault' } as const;
  assert.deepEqual(optionsOf({ seccomp, appArmor: { type: 'RuntimeDefault' } }), []);
  assert.deepEqual(optionsOf({ seccomp, appArmor: { type: 'Unconfined' } }), ['apparmor=unconfined']);
  assert.deepEqual(
    optionsOf({
      seccomp,
      appArmor: { type: 'Localhost', localhostRef: 'k8s-deny-write' },
      seLinux: { user: '', role: '', type: 'spc_t', level: 's0' },
    }),
    ['apparmor=k8s-deny-write', 'label=type:spc_t', 'label=level:s0'],
  );
});
