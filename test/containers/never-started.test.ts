/** Containers that cannot start say why, in the words that Kubernetes has for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState, Pod } from '../../src/apis/core/types.ts';
import { kubectl } from '../harness/kubectl.ts';
import { eventually } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import { requireCriEngine, startCriEngine } from './chosen-engine.ts';
import { makeBusyboxImage } from './images.ts';

const IMAGE = 'registry.k8s.io/e2e-test-images/busybox:1.37.0-1';

/** Creates a pod of that container and waits until the container's state is as wanted. */
async function stateOf(
  server: TestServer,
  name: string,
  container: object,
  wanted: (state: ContainerState) => boolean,
): Promise<ContainerState> {
  const spec = { restartPolicy: 'Never', containers: [{ name: 'c', ...container }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  await kubectl(server, ['apply', '-f', '-'], JSON.stringify(pod));
  let status: Pod['status'] = {};
  return eventually(
    async () => {
      ({ status } = JSON.parse(await kubectl(server, ['get', 'pod', name, '-o', 'json'])) as Pod);
      const state = status.containerStatuses?.[0]?.state ?? {};
      return wanted(state) ? state : undefined;
    },
    () => `the pod stays at ${JSON.stringify(status)}`,
  );
}

test('an image and a command that are not there are told with their reason', async (context) => {
  if (!requireCriEngine(context) || !requireKubectl(context)) return;
  await using engine = await startCriEngine();
  await engine.importArchive(makeBusyboxImage(engine.directory, [IMAGE]));
  await using server = await startServer(['--runtime', `cri=${engine.endpoint}`]);

  const never = { image: 'registry.invalid/nothing:1', imagePullPolicy: 'Never' };
  const absent = await stateOf(
    server,
    'never',
    never,
    ({ waiting }) => waiting?.reason === 'ErrImageNeverPull',
  );
  assert.equal(
    absent.waiting?.message,
    'Container image "registry.invalid/nothing:1" is not present with pull policy of Never',
  );

  const pulled = { image: 'registry.invalid/nothing:1' };
  const failed = await stateOf(server, 'pulled', pulled, ({ waiting }) =>
    ['ErrImagePull', 'ImagePullBackOff'].includes(waiting?.reason ?? ''),
  );
  assert.match(failed.waiting?.message ?? '', /registry\.invalid\/nothing:1/);

  const missing = { image: IMAGE, command: ['/no/such/program'] };
  if (engine.name === 'cri-o') {
    // It looks for the command when it makes the container.
    const { waiting } = await stateOf(
      server,
      'missing',
      missing,
      (state) => state.waiting?.message !== undefined,
    );
    assert.equal(waiting?.reason, 'CreateContainerError');
    assert.match(waiting.message ?? '', /no such file or directory/);
    return;
  }
  const { terminated } = await stateOf(server, 'missing', missing, (state) => state.terminated !== undefined);
  assert.equal(terminated?.exitCode, 128);
  assert.equal(terminated.reason, 'StartError');
  assert.match(terminated.message ?? '', /no such file or directory/);
});
