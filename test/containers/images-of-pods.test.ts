/** Where pods' images come from, by policy and secret, and what is told when one cannot be had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBusyboxImage } from './images.ts';
import { openPodWorld, type PodWorld, statusOf, waitsFor } from './pod-world.ts';
import { type Registry, startRegistry } from './registry.ts';

test('images are fetched as pods ask for them', async (context) => {
  await using world = await openPodWorld(context);
  if (world === undefined) return;
  const { directory } = world.engine;
  const archive = makeBusyboxImage(directory, ['docker.io/library/served:1'], { served: '1' });
  await using registry = await startRegistry(archive, directory);
  await world.apply('images', { HOST: registry.host, DIGEST: registry.digest });
  await context.test('an image of a registry is fetched and told by its digest', () =>
    fetched(world, registry),
  );
  await context.test("a pod's secret opens a registry, for that pod", () => secrets(world, registry));
  await context.test('an image that was fetched with a password is for those who know it', () =>
    lent(world, registry),
  );
  await context.test('an image that cannot be had is told as the kubelet tells it', () =>
    missing(world, registry),
  );
  await context.test('an image as a volume is mounted, or the runtime says why not', () => volumes(world));
  await context.test('an image that is there is not fetched', () => present(world, registry));
});

async function fetched(world: PodWorld, { host, digest }: Registry): Promise<void> {
  for (const name of ['fetched', 'by-digest']) {
    const pod = await world.succeeded(name);
    assert.equal(statusOf(pod).imageID, `${host}/open/image@${digest}`);
    assert.deepEqual(await world.lines(name), ['ran']);
  }
  await world.event('fetched', 'Pulling', new RegExp(`^Pulling image "${host}/open/image:1"$`));
  const how = `in \\S+ \\(\\S+ including waiting\\)\\. Image size: \\d+ bytes\\.`;
  await world.event(
    'fetched',
    'Pulled',
    new RegExp(`^Successfully pulled image "${host}/open/image:1" ${how}$`),
  );
}

async function secrets(world: PodWorld, { host }: Registry): Promise<void> {
  await world.succeeded('with-secret');
  assert.deepEqual(await world.lines('with-secret'), ['ran']);
  const refused = await world.podWhen('without-secret', (pod) => waitsFor(pod, 'ImagePullBackOff'));
  const image = `${host}/closed/image:1`;
  assert.match(
    statusOf(refused).state?.waiting?.message ?? '',
    new RegExp(`^Back-off pulling image "${image}": ErrImagePull: .*(401|authorization failed)`),
  );
  const told =
    /^Unable to retrieve some image pull secrets \(nobody, noone\); attempting to pull the image may not succeed\.$/;
  await world.event('without-secret', 'FailedToRetrieveImagePullSecret', told);
}

async function lent(world: PodWorld, { host }: Registry): Promise<void> {
  await world.restartServer('SIGTERM');
  await world.apply('borrowers', { HOST: host });
  await world.succeeded('lender');
  await world.event('lender', 'Pulled', /already present on machine and can be accessed by the pod$/);
  const refused = await world.podWhen('borrower', (pod) => waitsFor(pod, 'ImagePullBackOff'));
  assert.match(statusOf(refused).state?.waiting?.message ?? '', /ErrImagePull: .*(401|authorization failed)/);
  const never = await world.podWhen('never-asks', (pod) => waitsFor(pod, 'ErrImageNeverPull'));
  assert.match(statusOf(never).state?.waiting?.message ?? '', /is not present with pull policy of Never$/);
}

async function missing(world: PodWorld, { host }: Registry): Promise<void> {
  const image = `${host}/open/nothing:1`;
  const pod = await world.podWhen('missing', (each) => waitsFor(each, 'ImagePullBackOff'));
  const reason = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": .*: not found`;
  assert.match(
    statusOf(pod).state?.waiting?.message ?? '',
    new RegExp(`^Back-off pulling image "${image}": ErrImagePull: ${reason}$`),
  );
  await world.event('missing', 'Failed', new RegExp(`^Failed to pull image "${image}": ${reason}$`));
  await world.event('missing', 'Failed', /^Error: ErrImagePull$/);
  await world.event('missing', 'BackOff', new RegExp(`^Back-off pulling image "${image}"$`));
  assert.equal(pod.status.phase, 'Pending');
  const mended = `c=${host}/open/image:1`;
  await world.kubectl(['set', 'image', 'pod/missing', mended]);
  await world.succeeded('missing');

  const never = await world.podWhen('never', (each) => waitsFor(each, 'ErrImageNeverPull'));
  const told = `Container image "${host}/open/other:1" is not present with pull policy of Never`;
  assert.equal(statusOf(never).state?.waiting?.message, told);

  const noName = await world.podWhen('no-name', (each) => waitsFor(each, 'InvalidImageName'));
  assert.equal(
    statusOf(noName).state?.waiting?.message,
    `Failed to apply default image tag "Not An Image": couldn't parse image name "Not An Image": invalid reference format: repository name (library/Not An Image) must be lowercase`,
  );
  await world.event('no-name', 'InspectFailed', /must be lowercase$/);
}

/** containerd 2.1 and newer mount images; what older ones say is what the kubelet tells of them. */
async function volumes(world: PodWorld): Promise<void> {
  const pod = await world.podWhen(
    'image-volume',
    (each) => waitsFor(each, 'CreateContainerError') || each.status.phase === 'Succeeded',
  );
  const [mount] = statusOf(pod).volumeMounts ?? [];
  assert.deepEqual(mount, { name: 'image', mountPath: '/image' });
  if (pod.status.phase === 'Succeeded')
    assert.deepEqual(await world.lines('image-volume'), ['/image/bin/sh']);
  else {
    const message = statusOf(pod).state?.waiting?.message ?? '';
    assert.match(message, /^failed to generate container "\w+" spec: .*failed to mkdir ""/);
    await world.event('image-volume', 'Failed', /^Error: failed to generate container .* failed to mkdir ""/);
  }
  const missing = await world.podWhen('no-image-volume', (each) => waitsFor(each, 'ErrImageNeverPull'));
  assert.match(
    statusOf(missing).state?.waiting?.message ?? '',
    /^Container image ".*\/open\/other:1" is not present with pull policy of Never$/,
  );
}

async function present(world: PodWorld, registry: Registry): Promise<void> {
  await world.succeeded('present');
  const before = registry.pulls();
  await world.kubectl(['delete', 'pod', 'fetched']);
  await world.apply('images', { HOST: registry.host, DIGEST: registry.digest });
  await world.succeeded('fetched');
  await world.event('fetched', 'Pulled', /already present on machine and can be accessed by the pod$/);
  assert.equal(registry.pulls(), before);
}
