import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../apis/core/image-reference.ts';
import { isLocalMark, localMark } from './local-mark.ts';

test('the mark of an image is a name of an image too, whatever its registry', () => {
  for (const name of ['docker.io/library/a:1', 'localhost:5000/a/b:v1', 'Registry.Example.com/a:latest']) {
    const mark = localMark(name);
    assert.ok(isLocalMark(mark) && !isLocalMark(name));
    const { repository, tag } = parseImageReference(mark) ?? {};
    assert.equal(`${repository}:${tag}`, mark);
  }
  assert.notEqual(localMark('docker.io/library/a:1'), localMark('docker.io/library/a:2'));
});
