/** What the components of a running server show in `/metrics`. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import type { DeepReadonly, Draft } from '../../src/apimachinery/meta/object.ts';
import type { CronJob, Job } from '../../src/apis/batch/index.ts';
import { type ClusterAccess, CRONJOBS, EVENTS, JOBS, readAccess } from '../../src/client/index.ts';
import { connect } from '../../src/cluster/index.ts';
import { poll } from '../harness/poll.ts';
import { startServer } from '../harness/server.ts';

/** GETs a path with the client certificate of the kubeconfig, as `curl --cert` does. */
function get(
  { server, ca, cert, key }: ClusterAccess,
  path: string,
): Promise<{ code: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(new URL(path, server), { ca, cert, key, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ code: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

function figure(body: string, series: string): number | undefined {
  const line = body.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('a run that the policy Forbid skips is counted in /metrics, and so is the work of the queues', async () => {
  await using server = await startServer(['--runtime', 'none']);
  const access = await readAccess(server.kubeconfig, systemClock);
  const forbidden = 'longshore_cronjob_missed_runs_total{reason="forbid"}';
  const before = await get(access, '/metrics');
  assert.equal(before.code, 200);
  assert.equal(figure(before.body, forbidden), 0);
  const connection = await connect(server.kubeconfig);
  try {
    // Without a node the run that is asked for never ends, so every second of the schedule is skipped.
    await connection.client.create(CRONJOBS, 'default', {
      metadata: { name: 'busy', annotations: { 'longshore.dev/run-now': 'once' } },
      spec: {
        schedule: '@every 1s',
        concurrencyPolicy: 'Forbid',
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
        },
      },
    } as DeepReadonly<Draft<CronJob>>);
    let after = before;
    await poll('two runs are forbidden', async () => {
      after = await get(access, '/metrics');
      return (figure(after.body, forbidden) ?? 0) >= 2;
    });
    for (const reason of ['suspended', 'deadline', 'maxActive', 'down']) {
      assert.equal(figure(after.body, `longshore_cronjob_missed_runs_total{reason="${reason}"}`), 0, reason);
    }
    assert.ok((figure(after.body, 'workqueue_adds_total{name="cronjob"}') ?? 0) >= 3, after.body);
    assert.equal(figure(after.body, 'workqueue_depth{name="job"}'), 0);
    const { items } = await connection.client.list(EVENTS, { namespace: 'default' });
    assert.ok(items.some(({ reason }) => reason === 'MissedSchedule'));
  } finally {
    connection.close();
  }
});

test('Jobs and CronJobs are told under the names of kube-state-metrics, requests and the store under theirs', async () => {
  await using server = await startServer(['--runtime', 'none']);
  const access = await readAccess(server.kubeconfig, systemClock);
  const connection = await connect(server.kubeconfig);
  try {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };
    await connection.client.create(JOBS, 'default', {
      metadata: { name: 'quoted' },
      spec: { suspend: true, parallelism: 2, completions: 3, template },
    } as DeepReadonly<Draft<Job>>);
    await connection.client.create(CRONJOBS, 'default', {
      metadata: { name: 'yearly' },
      spec: { schedule: '0 0 1 1 *', timeZone: 'Etc/UTC', jobTemplate: { spec: { template } } },
    } as DeepReadonly<Draft<CronJob>>);
    const job = 'namespace="default",job_name="quoted"';
    const suspended = `kube_job_status_suspended{${job}}`;
    let body = '';
    await poll('the suspended Job is told', async () => {
      ({ body } = await get(access, '/metrics'));
      return figure(body, suspended) === 1;
    });
    assert.equal(figure(body, `kube_job_info{${job}}`), 1);
    assert.equal(figure(body, `kube_job_spec_parallelism{${job}}`), 2);
    assert.equal(figure(body, `kube_job_spec_completions{${job}}`), 3);
    assert.equal(figure(body, `kube_job_status_failed{${job}}`), 0);
    assert.equal(
      figure(body, `kube_job_owner{${job},owner_kind="",owner_name="",owner_is_controller=""}`),
      1,
    );
    const cronJob = 'namespace="default",cronjob="yearly"';
    const info = `kube_cronjob_info{${cronJob},schedule="0 0 1 1 *",concurrency_policy="Allow",timezone="Etc/UTC"}`;
    assert.equal(figure(body, info), 1);
    const next = figure(body, `kube_cronjob_next_schedule_time{${cronJob}}`) ?? 0;
    assert.match(new Date(next * 1000).toISOString(), /-01-01T00:00:00\.000Z$/);
    assert.equal(figure(body, `kube_cronjob_spec_suspend{${cronJob}}`), 0);

    const created = 'group="batch",resource="jobs",subresource="",verb="CREATE",version="v1"';
    assert.ok((figure(body, `apiserver_request_total{code="201",${created}}`) ?? 0) >= 1);
    assert.ok((figure(body, `apiserver_request_duration_seconds_count{${created}}`) ?? 0) >= 1);
    assert.ok((figure(body, 'longshore_store_commits_total') ?? 0) >= 1);
    assert.ok((figure(body, 'longshore_store_writes_total') ?? 0) >= 2);
    const commits = figure(body, 'longshore_store_commit_duration_seconds_count') ?? 0;
    assert.ok(commits >= 1);
    assert.equal(figure(body, 'longshore_store_commit_duration_seconds_bucket{le="+Inf"}'), commits);
    assert.ok((figure(body, 'longshore_store_commit_duration_seconds_sum') ?? 0) > 0);
    assert.equal(figure(body, 'apiserver_current_inflight_requests{request_kind="mutating"}'), 0);
    assert.equal((await get(access, '/readyz?verbose')).body, READY);
    assert.deepEqual(await get(access, '/readyz/informer-sync'), { code: 200, body: 'ok' });
  } finally {
    connection.close();
  }
});

const READY = `[+]ping ok
[+]etcd ok
[+]informer-sync ok
[+]shutdown ok
readyz check passed
`;
