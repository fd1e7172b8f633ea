import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod } from '../../apis/core/types.ts';
import type { ConfigSource } from '../environment/config-source.ts';
import type { Image, ImageService, RegistryAuth } from '../runtimes/image.ts';
import { NO_IMAGES } from '../runtimes/no-images.ts';
import { ImageAccess } from './image-access.ts';
import { ImageError } from './image-error.ts';
import { ImagePuller } from './image-puller.ts';
import { PullSecrets } from './pull-secrets.ts';

const PRESENT: Image = { id: 'sha256:1', tags: [], digests: [], sizeBytes: 1, local: false };

/** A machine with those images, on which pulling works as `pull` says. */
function machine(images: Readonly<Record<string, Image>>, pull: (auth?: RegistryAuth) => Promise<string>) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const events: string[] = [];
  const service: ImageService = {
    ...NO_IMAGES,
    status: async (reference) => images[reference],
    pull: (reference, auth) => {
      asked.push(reference);
      return pull(auth);
    },
  };
  const secret = {
    auths: {
      'https://registry.example.com/v1/': { auth: Buffer.from('me:secret').toString('base64') },
      '*.example.org:5000/team': { username: 'any', password: 'one' },
      'registry.example.org:5000/team': { username: 'that', password: 'one' },
    },
  };
  const config = {
    secret: async () => new Map([['.dockerconfigjson', Buffer.from(JSON.stringify(secret))]]),
  } as unknown as ConfigSource;
  const recorder = {
    event: (_: unknown, __: string, reason: string, text: string) => void events.push(`${reason}: ${text}`),
  };
  const puller = new ImagePuller({
    images: service,
    clock,
    events: recorder,
    access: new ImageAccess(undefined),
  });
  const ensure = (image: string, policy?: Container['imagePullPolicy'], secrets: readonly string[] = []) => {
    const container = { name: 'c', image, ...(policy === undefined ? {} : { imagePullPolicy: policy }) };
    const imagePullSecrets = secrets.map((name) => ({ name }));
    const pod = {
      metadata: { uid: 'u', namespace: 'ns', name: 'p' },
      spec: { imagePullSecrets },
    } as unknown as DeepReadonly<Pod>;
    return puller.ensure({
      pod,
      container,
      fieldPath: '',
      secrets: new PullSecrets(pod, config),
      signal: new AbortController().signal,
    });
  };
  return { clock, asked, events, ensure };
}

const works = async (): Promise<string> => 'sha256:2';
const fails = (): Promise<string> => Promise.reject(new Error('no such image'));
const reason = (wanted: ImageError['reason']) => (error: unknown) =>
  error instanceof ImageError && error.reason === wanted;

test('an image that is there is pulled again only under the policy Always', async () => {
  const { asked, ensure } = machine({ 'docker.io/library/busybox:1': PRESENT }, works);
  assert.deepEqual(await ensure('busybox:1'), { ref: 'sha256:1', id: 'sha256:1' });
  assert.deepEqual(await ensure('busybox:1', 'Never'), { ref: 'sha256:1', id: 'sha256:1' });
  assert.deepEqual(asked, []);
  assert.deepEqual(await ensure('busybox:1', 'Always'), { ref: 'sha256:2', id: 'sha256:2' });
  assert.deepEqual(asked, ['docker.io/library/busybox:1']);
});

test('an image that was built or loaded here counts as pulled, also under the policy Always', async () => {
  const { asked, ensure } = machine(
    { 'docker.io/library/my-image:latest': { ...PRESENT, local: true } },
    fails,
  );
  assert.deepEqual(await ensure('my-image:latest', 'Always'), { ref: 'sha256:1', id: 'sha256:1' });
  assert.deepEqual(asked, []);
});

test('a missing image is pulled, unless its policy is Never', async () => {
  const { ensure, events } = machine({}, works);
  assert.deepEqual(await ensure('busybox'), { ref: 'sha256:2', id: 'sha256:2' });
  assert.match(
    events.join('\n'),
    /^Pulling: Pulling image "busybox"\nPulled: Successfully pulled image "busybox"/,
  );
  await assert.rejects(ensure('busybox', 'Never'), {
    reason: 'ErrImageNeverPull',
    message: 'Container image "busybox" is not present with pull policy of Never',
  });
});

test('a name that is none is told as InvalidImageName', async () => {
  const { ensure } = machine({}, works);
  await assert.rejects(ensure('Not A Name'), reason('InvalidImageName'));
});

test('a failing pull is tried again after 10 s, then 20 s, and told as ImagePullBackOff in between', async () => {
  const { clock, asked, ensure } = machine({}, fails);
  await assert.rejects(ensure('nobody/none'), reason('ErrImagePull'));
  await clock.advance(9_000);
  await assert.rejects(ensure('nobody/none'), {
    reason: 'ImagePullBackOff',
    message: 'Back-off pulling image "nobody/none": ErrImagePull: no such image',
  });
  assert.equal(asked.length, 1);
  await clock.advance(1_000);
  await assert.rejects(ensure('nobody/none'), reason('ErrImagePull'));
  await clock.advance(19_000);
  await assert.rejects(ensure('nobody/none'), reason('ImagePullBackOff'));
  await clock.advance(1_000);
  await assert.rejects(ensure('nobody/none'), reason('ErrImagePull'));
  assert.equal(asked.length, 3);
});

test('a runtime that names why it cannot pull is quoted by that name', async () => {
  const named = () => Promise.reject(new Error('RegistryUnavailable: connection refused'));
  const { ensure, events, clock } = machine({}, named);
  const message = 'image pull failed for busybox because the registry is unavailable: connection refused';
  await assert.rejects(ensure('busybox'), { reason: 'RegistryUnavailable', message });
  assert.deepEqual(events.slice(1), [
    'Failed: Failed to pull image "busybox": RegistryUnavailable: connection refused',
    'Failed: Error: RegistryUnavailable',
  ]);
  await clock.advance(1_000);
  const waits = `Back-off pulling image "busybox": RegistryUnavailable: ${message}`;
  await assert.rejects(ensure('busybox'), { reason: 'ImagePullBackOff', message: waits });
});

test('containers that need the same image at the same time share one pull', async () => {
  let give: (ref: string) => void = () => {};
  const { asked, ensure } = machine({}, () => new Promise((resolve) => (give = resolve)));
  const both = Promise.all([ensure('busybox'), ensure('busybox')]);
  await new Promise((resolve) => setImmediate(resolve));
  give('sha256:9');
  assert.deepEqual(await both, [
    { ref: 'sha256:9', id: 'sha256:9' },
    { ref: 'sha256:9', id: 'sha256:9' },
  ]);
  assert.equal(asked.length, 1);
});

test("a pod's pull secret is used for the registry that it is for", async () => {
  const used: (string | undefined)[] = [];
  const { ensure } = machine({}, async (auth) => {
    used.push(auth === undefined ? undefined : `${auth.username}:${auth.password}`);
    return 'sha256:3';
  });
  await ensure('registry.example.com/team/image:1', 'Always', ['secret']);
  await ensure('busybox', 'Always', ['secret']);
  assert.deepEqual(used, ['me:secret', undefined]);
});

test('a pull secret may be for many registries, and one that is for fewer is tried first', async () => {
  const used: (string | undefined)[] = [];
  const { ensure } = machine({}, async (auth) => {
    used.push(auth?.username);
    return used.length === 1 ? Promise.reject(new Error('no')) : 'sha256:3';
  });
  await ensure('registry.example.org:5000/team/image:1', 'Always', ['secret']);
  assert.deepEqual(used, ['that', 'any']);
  for (const image of ['other.example.org:5000/team/a:1', 'a.b.example.org:5000/team/a:1']) {
    await ensure(image, 'Always', ['secret']);
  }
  await ensure('other.example.org:5000/teams/a:1', 'Always', ['secret']);
  assert.deepEqual(used.slice(2), ['any', undefined, undefined]);
});
