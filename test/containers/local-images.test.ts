import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ContainerdClient, LOCAL_LABEL } from '../../src/kubelet/runtimes/cri/index.ts';
import { requireProgram } from '../harness/requirement.ts';
import { execute, LONGSHORE, type Outcome } from '../harness/server.ts';
import { type Containerd, requireContainerd, startContainerd } from './containerd.ts';
import { makeBusyboxImage } from './images.ts';

/** Runs `longshore image …` against that containerd, with an image store of buildah's in its directory. */
function image(containerd: Containerd, ...args: string[]): Promise<Outcome> {
  const storage = join(containerd.directory, 'storage.conf');
  const graph = join(containerd.directory, 'buildah');
  writeFileSync(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${graph}/graph"\nrunroot = "${graph}/run"\n`,
  );
  return execute(process.execPath, [LONGSHORE, 'image', ...args, '--runtime', `cri=${containerd.endpoint}`], {
    env: { ...process.env, CONTAINERS_STORAGE_CONF: storage },
  });
}

async function labelOf(containerd: Containerd, name: string): Promise<string | undefined> {
  const client = new ContainerdClient(containerd.endpoint);
  try {
    return (await client.image(name))?.labels[LOCAL_LABEL];
  } finally {
    client.close();
  }
}

test('image load gives an archive to containerd, and ls tells it from what was pulled', async (context) => {
  if (!requireContainerd(context)) return;
  await using containerd = await startContainerd();
  const archive = makeBusyboxImage(containerd.directory, ['my-image:latest', 'localhost/other:2']);
  const loaded = await image(containerd, 'load', archive);
  assert.equal(loaded.stderr, '');
  assert.deepEqual(loaded.stdout.trim().split('\n'), [
    'loaded docker.io/library/my-image:latest',
    'loaded localhost/other:2',
    'loaded docker.io/library/other:2',
  ]);
  assert.equal((await image(containerd, 'load', archive)).code, 0, 'a second time is as good as the first');
  assert.equal(await labelOf(containerd, 'docker.io/library/my-image:latest'), 'true');
  assert.equal(await labelOf(containerd, 'docker.io/library/other:2'), 'true');

  const list = await image(containerd, 'ls');
  assert.match(list.stdout, /^docker\.io\/library\/my-image:latest +[0-9a-f]{12} +[\d.]+ MB +this machine$/m);
  assert.match(list.stdout, /^longshore\.test\/pause:1 .*registry$/m);
  const json = JSON.parse((await image(containerd, 'ls', '-o', 'json')).stdout) as { name: string }[];
  assert.ok(json.some(({ name }) => name === 'localhost/other:2'));
});

test('image build builds a Dockerfile with buildah and gives the image to containerd', async (context) => {
  if (!requireContainerd(context) || !requireProgram(context, 'buildah', 'apt-get install buildah')) return;
  await using containerd = await startContainerd();
  const directory = join(containerd.directory, 'context');
  mkdirSync(directory);
  copyFileSync('/bin/busybox', join(directory, 'busybox'));
  writeFileSync(
    join(directory, 'Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/sh\nRUN ["/bin/sh", "-c", "exit 0"]\n',
  );
  const built = await image(containerd, 'build', '-t', 'made:1', directory);
  assert.equal(built.code, 0, built.stderr);
  assert.equal(built.stdout, 'built docker.io/library/made:1\n');
  assert.equal(await labelOf(containerd, 'docker.io/library/made:1'), 'true');

  writeFileSync(join(directory, 'Broken'), 'FROM scratch\nCOPY nothing /nowhere\n');
  const broken = await image(containerd, 'build', '-t', 'made:2', '-f', join(directory, 'Broken'), directory);
  assert.equal(broken.code, 2);
  assert.match(
    broken.stderr,
    /longshore: buildah could not build \S+ \(exit code \d+\): what it said is above\n$/,
  );
});

test('image commands say in one line what is wrong, before anything is built', async (context) => {
  if (!requireContainerd(context)) return;
  await using containerd = await startContainerd();
  const nothing = join(containerd.directory, 'nothing');
  writeFileSync(nothing, 'plain text');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['load', nothing], /^longshore: \S+nothing is no archive of images: make one with 'docker save'/],
    [['load', `${nothing}.tar`], /^longshore: cannot read \S+: there is no such file\n$/],
    [
      ['build', '-t', 'a', nothing],
      /^longshore: \S+ is no directory: name the one that holds the Dockerfile\n$/,
    ],
    [['build', '-t', 'A b', '.'], /^longshore: 'A b' is no name for an image: /],
    [['build', '-t', 'a', join(containerd.directory, 'net.d')], /^longshore: there is no Dockerfile in /],
    [['ls', '-o', 'xml'], /^longshore: unknown output format 'xml': use json\n$/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await image(containerd, ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  }
  const dead = { ...containerd, endpoint: join(containerd.directory, 'no.sock') };
  const { code, stderr } = await image(dead, 'ls');
  assert.match(
    stderr,
    /^longshore: no container runtime answers on \S+no\.sock \(there is no such socket\): start/,
  );
  assert.equal(code, 2);
});
