import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { imageNames } from './archive.ts';
import { LocalImageError } from './local-image-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-archive-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A tar file with those files, after a layer that is larger than one read. */
function tarOf(name: string, files: Readonly<Record<string, unknown>>): string {
  const content = join(folder, `${name}.d`);
  mkdirSync(content);
  writeFileSync(join(content, 'layer.tar'), Buffer.alloc(3 * 1024 * 1024 + 17, 'x'));
  for (const [file, value] of Object.entries(files))
    writeFileSync(join(content, file), JSON.stringify(value));
  const path = join(folder, name);
  execFileSync('tar', ['-C', content, '-cf', path, 'layer.tar', ...Object.keys(files)]);
  return path;
}

test('imageNames() reads the names of a docker archive in full', async () => {
  const archive = tarOf('docker.tar', {
    'manifest.json': [
      { Config: 'c', RepoTags: ['my-image:latest', 'localhost/other:2'], Layers: [] },
      { Config: 'd', RepoTags: null, Layers: [] },
    ],
  });
  const names = ['docker.io/library/my-image:latest', 'localhost/other:2'];
  assert.deepEqual(await imageNames(archive), names);
  const zipped = join(folder, 'docker.tar.gz');
  writeFileSync(zipped, gzipSync(readFileSync(archive)));
  assert.deepEqual(await imageNames(zipped), names);
});

test('imageNames() reads the names of an OCI archive, and takes a bare tag for none', async () => {
  const annotations = [
    { 'io.containerd.image.name': 'ghcr.io/team/app:1' },
    { 'org.opencontainers.image.ref.name': 'docker.io/library/b:3' },
    { 'org.opencontainers.image.ref.name': 'latest' },
  ];
  const manifests = annotations.map((each) => ({ annotations: each }));
  const archive = tarOf('oci.tar', { 'index.json': { manifests } });
  assert.deepEqual(await imageNames(archive), ['ghcr.io/team/app:1', 'docker.io/library/b:3']);
});

test('imageNames() says in one line what is wrong with what is no archive of images', async () => {
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'not a tar file\n'.repeat(100));
  const cut = join(folder, 'cut.tar.gz');
  writeFileSync(cut, gzipSync(Buffer.alloc(5000)).subarray(0, 20));
  const empty = join(folder, 'empty.tar');
  writeFileSync(empty, '');
  const cases: readonly (readonly [string, RegExp])[] = [
    [join(folder, 'missing.tar'), /^cannot read \S+missing\.tar: there is no such file$/],
    [folder, /it is a directory$/],
    [text, /^cannot read \S+notes\.txt: it is no tar file$/],
    [cut, /^cannot read \S+cut\.tar\.gz: /],
    [empty, /^\S+empty\.tar is no archive of images: make one with 'docker save'/],
    [tarOf('plain.tar', { 'readme.json': {} }), /is no archive of images/],
    [tarOf('nameless.tar', { 'manifest.json': [{ RepoTags: null }] }), /names no image: save it by name/],
  ];
  for (const [archive, message] of cases) {
    await assert.rejects(imageNames(archive), (error) => {
      assert.ok(error instanceof LocalImageError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  }
});
