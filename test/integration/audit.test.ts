/** The audit log and the request log of the real server. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../src/apimachinery/clock.ts';
import { readAccess } from '../../src/client/index.ts';
import { poll } from '../harness/poll.ts';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';

interface Event {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string };
  readonly impersonatedUser?: { readonly username?: string };
  readonly objectRef?: Readonly<Record<string, string>>;
  readonly responseStatus: { readonly code: number; readonly reason?: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

function eventsOf({ dataDirectory }: TestServer): readonly Event[] {
  return readFileSync(join(dataDirectory, 'audit', 'audit.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

async function event(server: TestServer, matches: (each: Event) => boolean): Promise<Event> {
  let found: Event | undefined;
  await poll('the audit log has the request', () => {
    found = eventsOf(server).find(matches);
    return found !== undefined;
  });
  assert.ok(found);
  return found;
}

test('every request leaves a line that says who did what to which object, and none says what was in it', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'none']);
  await server.kubectl(['create', 'secret', 'generic', 'db', '--from-literal=password=hunter2']);
  const created = await event(
    server,
    ({ verb, objectRef }) => verb === 'create' && objectRef?.['name'] === 'db',
  );
  assert.equal(created['kind'], 'Event');
  assert.equal(created['apiVersion'], 'audit.k8s.io/v1');
  assert.equal(created['level'], 'Metadata');
  assert.equal(created.stage, 'ResponseComplete');
  assert.match(created.requestURI, /^\/api\/v1\/namespaces\/default\/secrets\?/);
  const { extra, ...who } = created.user as { readonly extra: object };
  assert.deepEqual(who, {
    username: 'kubernetes-admin',
    groups: ['system:masters', 'system:authenticated'],
  });
  assert.match(
    JSON.stringify(extra),
    /"authentication.kubernetes.io\/credential-id":\["X509SHA256=[0-9a-f]{64}"\]/,
  );
  assert.deepEqual(created['sourceIPs'], ['127.0.0.1']);
  assert.match(String(created['userAgent']), /^kubectl\//);
  assert.deepEqual(created.objectRef, {
    resource: 'secrets',
    namespace: 'default',
    name: 'db',
    apiVersion: 'v1',
  });
  assert.deepEqual(created.responseStatus, { metadata: {}, code: 201 });
  assert.match(String(created['requestReceivedTimestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.equal(created.annotations?.['authorization.k8s.io/decision'], 'allow');

  await server.kubectl(['get', 'secret', 'db', '--as', 'mallory']);
  const refused = await event(server, ({ responseStatus }) => responseStatus.code === 403);
  assert.equal(refused.user.username, 'kubernetes-admin');
  assert.equal(refused.impersonatedUser?.username, 'mallory');
  assert.deepEqual(refused['authenticationMetadata'], { impersonationConstraint: 'impersonate:user-info' });
  assert.equal(refused.responseStatus.reason, 'Forbidden');
  assert.equal(refused.annotations?.['authorization.k8s.io/decision'], 'forbid');

  const file = join(server.dataDirectory, 'audit', 'audit.log');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const text = readFileSync(file, 'utf8');
  for (const secret of ['hunter2', Buffer.from('hunter2').toString('base64')]) {
    assert.equal(text.includes(secret), false);
  }
  const quiet = eventsOf(server).filter(({ requestURI }) =>
    /^\/(?:version|openapi|api\?|apis\?)/.test(requestURI),
  );
  assert.deepEqual(quiet, []);
});

test('a watch is told when it begins and when it ends, and a violation of the audit level with its words', async (t) => {
  if (!requireKubectl(t)) return;
  await using server = await startServer(['--runtime', 'none']);
  await server.kubectl(['get', 'configmaps', '-w', '--request-timeout=1s']);
  const isWatch = ({ verb }: Event): boolean => verb === 'watch';
  await event(server, (each) => isWatch(each) && each.stage === 'ResponseComplete');
  const stages = eventsOf(server).filter(isWatch);
  assert.deepEqual(
    stages.map(({ stage, responseStatus }) => [stage, responseStatus.code]),
    [
      ['ResponseStarted', 200],
      ['ResponseComplete', 200],
    ],
  );
  assert.equal(stages[0]?.['auditID'], stages[1]?.['auditID']);

  await server.kubectl(['label', 'ns', 'default', 'pod-security.kubernetes.io/audit=baseline']);
  const pod = { hostPID: true, restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: { template: { spec: pod } },
  };
  await server.kubectl(['create', '-f', '-'], JSON.stringify(job));
  const { annotations } = await event(server, ({ objectRef }) => objectRef?.['resource'] === 'jobs');
  assert.equal(
    annotations?.['pod-security.kubernetes.io/audit-violations'],
    'would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)',
  );
});

test('with -v each request is told, and the trace of the client goes through both logs', async () => {
  await using server = await startServer(['--runtime', 'none', '-v']);
  let log = '';
  server.process.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const { ca, cert, key } = await readAccess(server.kubeconfig, systemClock);
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const headers = {
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
    'audit-id': 'mine',
    'user-agent': 'tester',
  };
  const code = await new Promise((resolve, reject) => {
    request(
      new URL('/api/v1/namespaces/default/pods/x', server.url),
      { ca, cert, key, headers },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    )
      .on('error', reject)
      .end();
  });
  assert.equal(code, 404);
  const { annotations } = await event(server, (each) => each['auditID'] === 'mine');
  assert.equal(annotations?.['longshore.dev/traceparent'], headers.traceparent);
  await poll('the request is told', () => log.includes(trace));
  const line = log.split('\n').find((each) => each.includes(trace)) ?? '{}';
  const { verb, URI, resp, traceID, srcIP, user, ...rest } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual(
    { verb, URI, resp, traceID, srcIP, user },
    {
      verb: 'GET',
      URI: '/api/v1/namespaces/default/pods/x',
      resp: 404,
      traceID: trace,
      srcIP: '127.0.0.1',
      user: 'kubernetes-admin',
    },
  );
  assert.equal(rest['audit-ID'], 'mine');
});
