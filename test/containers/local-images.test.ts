import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireProgram } from '../harness/requirement.ts';
import { execute, LONGSHORE, type Outcome } from '../harness/server.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import type { CriEngine } from './cri-engine.ts';
import { makeBusyboxImage } from './images.ts';

/** Runs `longshore image …` against that engine, with an image store of buildah's in its directory. */
function image(engine: CriEngine, ...args: string[]): Promise<Outcome> {
  const storage = join(engine.directory, 'storage.conf');
  const graph = join(engine.directory, 'buildah');
  writeFileSync(
    storage,
    `[storage]\ndriver = "vfs"\ngraphroot = "${graph}/graph"\nrunroot = "${graph}/run"\n`,
  );
  return execute(process.execPath, [LONGSHORE, 'image', ...args, '--runtime', `cri=${engine.endpoint}`], {
    env: { ...process.env, CONTAINERS_STORAGE_CONF: storage },
  });
}

/** Whether the list says of that image that it was put here by hand. */
async function isLocal(engine: CriEngine, name: string): Promise<boolean | undefined> {
  const listed = JSON.parse((await image(engine, 'ls', '-o', 'json')).stdout) as {
    readonly name: string;
    readonly local: boolean;
  }[];
  return listed.find((each) => each.name === name)?.local;
}

test('image load gives an archive to the engine, and ls tells it from what was pulled', async (context) => {
  if (!requireCriEngine(context)) return;
  await using engine = await startCriEngine();
  const archive = makeBusyboxImage(engine.directory, ['my-image:latest', 'localhost/other:2']);
  const loaded = await image(engine, 'load', archive);
  assert.equal(loaded.stderr, '');
  assert.deepEqual(loaded.stdout.trim().split('\n'), [
    'loaded docker.io/library/my-image:latest',
    'loaded localhost/other:2',
    'loaded docker.io/library/other:2',
  ]);
  assert.equal((await image(engine, 'load', archive)).code, 0, 'a second time is as good as the first');
  assert.equal(await isLocal(engine, 'docker.io/library/my-image:latest'), true);
  assert.equal(await isLocal(engine, 'docker.io/library/other:2'), true);

  const list = await image(engine, 'ls');
  assert.match(list.stdout, /^docker\.io\/library\/my-image:latest +[0-9a-f]{12} +[\d.]+ MB +this machine$/m);
  assert.match(list.stdout, /^longshore\.test\/pause:1 .*registry$/m);
  assert.equal(await isLocal(engine, 'localhost/other:2'), true);
  assert.equal(await isLocal(engine, 'longshore.test/pause:1'), false);
});

test('image build builds a Dockerfile with buildah and gives the image to the engine', async (context) => {
  if (!requireCriEngine(context) || !requireProgram(context, 'buildah', 'apt-get install buildah')) return;
  await using engine = await startCriEngine();
  const directory = join(engine.directory, 'context');
  mkdirSync(directory);
  copyFileSync('/bin/busybox', join(directory, 'busybox'));
  writeFileSync(
    join(directory, 'Dockerfile'),
    'FROM scratch\nCOPY busybox /bin/sh\nRUN ["/bin/sh", "-c", "exit 0"]\n',
  );
  const built = await image(engine, 'build', '-t', 'made:1', directory);
  assert.equal(built.code, 0, built.stderr);
  assert.equal(built.stdout, 'built docker.io/library/made:1\n');
  assert.equal(await isLocal(engine, 'docker.io/library/made:1'), true);

  writeFileSync(join(directory, 'Broken'), 'FROM scratch\nCOPY nothing /nowhere\n');
  const broken = await image(engine, 'build', '-t', 'made:2', '-f', join(directory, 'Broken'), directory);
  assert.equal(broken.code, 2);
  assert.match(
    broken.stderr,
    /longshore: buildah could not build \S+ \(exit code \d+\): what it said is above\n$/,
  );
});

test('image commands say in one line what is wrong, before anything is built', async (context) => {
  if (!requireCriEngine(context)) return;
  await using engine = await startCriEngine();
  const nothing = join(engine.directory, 'nothing');
  writeFileSync(nothing, 'plain text');
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['load', nothing], /^longshore: \S+nothing is no archive of images: make one with 'docker save'/],
    [['load', `${nothing}.tar`], /^longshore: cannot read \S+: there is no such file\n$/],
    [
      ['build', '-t', 'a', nothing],
      /^longshore: \S+ is no directory: name the one that holds the Dockerfile\n$/,
    ],
    [['build', '-t', 'A b', '.'], /^longshore: 'A b' is no name for an image: /],
    [['build', '-t', 'a', join(engine.directory, 'net.d')], /^longshore: there is no Dockerfile in /],
    [['ls', '-o', 'xml'], /^longshore: unknown output format 'xml': use json\n$/],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await image(engine, ...args);
    assert.match(stderr, message);
    assert.equal(code, 2);
  }
  const dead = { ...engine, endpoint: join(engine.directory, 'no.sock') };
  const { code, stderr } = await image(dead, 'ls');
  assert.match(
    stderr,
    /^longshore: no container runtime answers on \S+no\.sock \(there is no such socket\): start/,
  );
  assert.equal(code, 2);
});
