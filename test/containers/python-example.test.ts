import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { requireKubectl, requireProgram, unmet } from '../harness/requirement.ts';
import { execute, LONGSHORE, startServer } from '../harness/server.ts';
import { requireContainerd, startContainerd } from './containerd.ts';
import { makeDebianBase } from './debian-base.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/python');
/** Debian's own Python, for which the Kubernetes client is a package. */
const PYTHON = '/usr/bin/python3';
/** Time for fetching and installing Debian's packages, milliseconds. */
const BUILD_MS_MAX = 240_000;

function requireEverything(context: TestContext): boolean {
  if (!requireContainerd(context)) return false;
  if (!requireProgram(context, 'buildah', 'apt-get install buildah')) return false;
  if (!requireProgram(context, 'mmdebstrap', 'apt-get install mmdebstrap')) return false;
  if (!requireKubectl(context)) return false;
  if (spawnSync(PYTHON, ['-c', 'import kubernetes']).status === 0) return true;
  return unmet(context, "Python's Kubernetes client is missing: apt-get install python3-kubernetes");
}

test('the Python example is built, runs in a real container, and is read by the Python client and kubectl', async (context) => {
  if (!requireEverything(context)) return;
  await using containerd = await startContainerd();
  await using server = await startServer(['--runtime', `cri=${containerd.endpoint}`]);
  const env = makeDebianBase(containerd.directory, 'docker.io/library/debian:bookworm-slim');
  const runtime = ['--runtime', `cri=${containerd.endpoint}`];
  const build = [LONGSHORE, 'image', 'build', '-t', 'my-image:latest', EXAMPLE, ...runtime];
  const built = await execute(process.execPath, build, { env, timeoutMs: BUILD_MS_MAX });
  assert.equal(built.code, 0, built.stderr);
  assert.equal(built.stdout, 'built docker.io/library/my-image:latest\n');

  const script = await execute(PYTHON, [join(EXAMPLE, 'create_job.py')], {
    env: { ...process.env, KUBECONFIG: server.kubeconfig },
  });
  assert.equal(script.stderr, '');
  assert.equal(script.stdout, 'succeeded: 1, failed: 0\n');

  const complete = await server.kubectl(['wait', '--for=condition=complete', 'job/my-job', '--timeout=30s']);
  assert.equal(complete.code, 0, complete.stderr);
  const jobs = (await server.kubectl(['get', 'jobs'])).stdout.split('\n');
  assert.match(jobs[0] ?? '', /^NAME +STATUS +COMPLETIONS +DURATION +AGE$/);
  assert.match(jobs[1] ?? '', /^my-job +Complete +1\/1 +\d+s +\d+s$/);
  assert.match((await server.kubectl(['logs', 'job/my-job'])).stdout, /^below 100000: 9592$/m);
});
