/** The real helm against the real server: a chart of Jobs and CronJobs with hooks, from its install to its end. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { unmet } from '../harness/requirement.ts';
import { execute, type Outcome, startServer } from '../harness/server.ts';

const HELM = process.env['LONGSHORE_TEST_HELM'] ?? join(import.meta.dirname, '../../.cache/programs/helm');
const CHART = join(import.meta.dirname, 'charts/nightly');
const WAIT = ['--wait', '--wait-for-jobs', '--timeout', '60s'];

function hasHelm(t: TestContext): boolean {
  return existsSync(HELM) || unmet(t, 'helm is not there: run test/clients/fetch-programs.sh');
}

test('helm installs, tests, upgrades, rolls back and uninstalls a chart of Jobs with hooks', async (t) => {
  if (!hasHelm(t)) return;
  await using server = await startServer(['--runtime', 'process']);
  const env = { ...process.env, HOME: server.dataDirectory, KUBECONFIG: server.kubeconfig };
  const helm = (...args: readonly string[]): Promise<Outcome> =>
    execute(HELM, args, { env, timeoutMs: 120_000 });
  const does = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await helm(...args);
    assert.equal(code, 0, `helm ${args.join(' ')}: ${stderr}${stdout}`);
    return stdout;
  };
  const jobs = async (): Promise<readonly string[]> => {
    const { stdout } = await server.kubectl(['get', 'jobs', '-o', 'name']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.replace('job.batch/nightly-', ''))
      .sort();
  };

  await t.test(
    'install waits for the Job, and a hook that succeeded goes if its policy says so',
    async () => {
      assert.match(await does('install', 'nightly', CHART, ...WAIT), /STATUS: deployed/);
      assert.deepEqual(await jobs(), ['first', 'pre-install']);
      const { stdout } = await server.kubectl(['logs', 'job/nightly-pre-install']);
      assert.equal(stdout, 'pre-install first\n');
    },
  );

  await t.test('status shows the resources, and test runs the test pod and prints its log', async () => {
    assert.match(await does('status', 'nightly'), /nightly-first +Complete +1\/1/);
    assert.match(await does('test', 'nightly', '--logs'), /Phase: +Succeeded[\s\S]*checked first/);
  });

  await t.test('upgrade runs its hook, makes the new Job and removes the old one', async () => {
    await does('upgrade', 'nightly', CHART, '--set', 'message=second', ...WAIT);
    assert.deepEqual(await jobs(), ['pre-install', 'pre-upgrade', 'second']);
    const settings = await server.kubectl([
      'get',
      'cm',
      'nightly-settings',
      '-o',
      'jsonpath={.data.message}',
    ]);
    assert.equal(settings.stdout, 'second');
  });

  await t.test('an upgrade whose Job fails is reported as failed, and can be rolled back', async () => {
    const failed = await helm('upgrade', 'nightly', CHART, '--set', 'message=third,exitCode=1', ...WAIT);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /Job\/default\/nightly-third not ready.*Job Failed/);
    await does('rollback', 'nightly', '2', ...WAIT);
    assert.deepEqual(await jobs(), ['pre-install', 'pre-rollback', 'pre-upgrade', 'second']);
    const history = JSON.parse(await does('history', 'nightly', '-o', 'json')) as { status: string }[];
    assert.deepEqual(
      history.map(({ status }) => status),
      ['superseded', 'superseded', 'failed', 'deployed'],
    );
  });

  await t.test('upgrade --dry-run=server changes nothing', async () => {
    const shown = await does('upgrade', 'nightly', CHART, '--set', 'message=fourth', '--dry-run=server');
    assert.match(shown, /nightly-fourth/);
    assert.ok(!(await jobs()).includes('fourth'));
  });

  await t.test('uninstall removes all but the hooks, and runs the hook after it', async () => {
    await does('uninstall', 'nightly', '--wait', '--timeout', '60s');
    assert.deepEqual(await jobs(), ['post-delete', 'pre-install', 'pre-rollback', 'pre-upgrade']);
    assert.equal((await server.kubectl(['get', 'cronjobs,secrets', '-o', 'name'])).stdout, '');
    assert.equal(JSON.parse(await does('list', '-o', 'json')).length, 0);
  });
});
