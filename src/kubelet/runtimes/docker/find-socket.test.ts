import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../apimachinery/testing/temporary-directory.ts';
import { dockerSockets, findDockerSockets } from './find-socket.ts';

test('DOCKER_HOST is looked at first, unless it is no socket', () => {
  const home = '/home/me';
  assert.equal(dockerSockets({ env: { DOCKER_HOST: 'unix:///x/d.sock' }, home })[0], '/x/d.sock');
  assert.equal(
    dockerSockets({ env: { DOCKER_HOST: 'tcp://10.0.0.1:2376' }, home })[0],
    '/var/run/docker.sock',
  );
  assert.ok(
    dockerSockets({ env: { XDG_RUNTIME_DIR: '/run/user/7' }, home }).includes('/run/user/7/docker.sock'),
  );
});

test('Podman is looked for where no Docker is', () => {
  const places = dockerSockets({ env: { XDG_RUNTIME_DIR: '/run/user/7' }, home: '/home/me' });
  assert.deepEqual(places.slice(-3), [
    '/run/user/7/docker.sock',
    '/run/podman/podman.sock',
    '/run/user/7/podman/podman.sock',
  ]);
});

test('every socket is found, and nothing else', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'd.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const user = join(directory, '.docker/run/docker.sock');
  mkdirSync(join(directory, '.docker/desktop/docker.sock'), { recursive: true });
  mkdirSync(dirname(user));
  symlinkSync(path, user);
  const found = findDockerSockets({ env: { DOCKER_HOST: `unix://${path}` }, home: directory });
  assert.deepEqual(
    found.filter((each) => each.startsWith(directory)),
    [path, user],
  );
});
