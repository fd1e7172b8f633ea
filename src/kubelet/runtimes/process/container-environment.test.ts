import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerConfig, Mount } from '../container.ts';
import { TERMINATION_PATH_ANNOTATION } from '../labels.ts';
import { environmentOf } from './container-environment.ts';
import type { ContainerView } from './namespaces.ts';

const mount = (name: string, containerPath: string, hostPath: string): Mount => ({
  name,
  containerPath,
  hostPath,
  readonly: false,
  propagation: 'private',
});

const config = {
  annotations: { [TERMINATION_PATH_ANNOTATION]: '/dev/termination-log' },
  mounts: [
    mount('my-data', '/data', '/pods/1/data'),
    mount('my-data', '/again', '/pods/1/data/sub'),
    mount('', '/dev/termination-log', '/pods/1/words'),
  ],
  env: [{ name: 'LANG', value: 'eo' }],
} as unknown as ContainerConfig;

test('environmentOf() tells where root, volumes and last words are, and lets the pod say the last word', () => {
  const own = { PATH: '/bin', LANG: 'de', SECRET: 'not for pods' };
  assert.deepEqual(environmentOf({ config }, '/root', own), {
    PATH: '/bin',
    LANG: 'eo',
    LONGSHORE_ROOT: '/root',
    LONGSHORE_VOLUME_MY_DATA: '/pods/1/data',
    LONGSHORE_TERMINATION_LOG: '/pods/1/words',
  });
});

test('environmentOf() names a volume by the path that the pod gave it, where the container sees it there', () => {
  const view = {} as ContainerView;
  assert.equal(environmentOf({ config, view }, '/root', {})['LONGSHORE_VOLUME_MY_DATA'], '/data');
});

test('environmentOf() tells what the pod is called, unless the pod says otherwise', () => {
  assert.equal(environmentOf({ config, hostname: 'job-0' }, '/root', {})['HOSTNAME'], 'job-0');
  const named = { ...config, env: [{ name: 'HOSTNAME', value: 'mine' }] };
  assert.equal(environmentOf({ config: named, hostname: 'job-0' }, '/root', {})['HOSTNAME'], 'mine');
});
