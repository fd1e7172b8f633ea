import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullName, nameForPods } from './reference.ts';

test('fullName() says what a pod means by a name', () => {
  assert.equal(fullName('my-image'), 'docker.io/library/my-image:latest');
  assert.equal(fullName('team/app:1.2'), 'docker.io/team/app:1.2');
  assert.equal(fullName('localhost/my-image'), 'localhost/my-image:latest');
  assert.equal(fullName('registry:5000/a/b'), 'registry:5000/a/b:latest');
  assert.throws(() => fullName('My Image'), /'My Image' is no name for an image/);
});

test('nameForPods() gives an image of podman the name that a pod uses, and leaves all others', () => {
  assert.equal(nameForPods('localhost/my-image:latest'), 'docker.io/library/my-image:latest');
  assert.equal(nameForPods('localhost/team/app:1'), undefined);
  assert.equal(nameForPods('docker.io/library/my-image:latest'), undefined);
});
