/** Numbers of 64 bits keep every digit on their way through bodies, patches, the store and the answers. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { silent } from '../../src/client/testing/silent-log.ts';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { type Server, startServer } from '../../src/cluster/server/server.ts';

const GREATEST = '9223372036854775807';
const ODD = '9007199254740993';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const JSON_TYPE = 'application/json';

const root = mkdtempSync(join(tmpdir(), 'longshore-exact-'));
let server: Server;

async function start(): Promise<void> {
  const log = silent;
  const listen = { address: '127.0.0.1', port: 0 };
  server = await startServer({ data: openDataDirectory(root), store: 'sqlite', listen, log });
}

before(start);
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

function ask(
  method: string,
  path: string,
  contentType: string,
  body?: string,
  accept = JSON_TYPE,
): Promise<string> {
  const { ca, cert, key } = server.adminAccess;
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, {
      method,
      headers: { 'content-type': contentType, accept },
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    });
    sent.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve(`${answer.statusCode} ${text}`));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const job = (name: string, deadline: string): string =>
  `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"${name}"},"spec":{"suspend":true,"activeDeadlineSeconds":${deadline},"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"a","image":"b"}]}}}}`;

const deadline = (answer: string): string | undefined => /"activeDeadlineSeconds":([^,}]*)/.exec(answer)?.[1];

test('a JSON body keeps the digits, in the answer, in reads and in YAML', async () => {
  assert.equal(deadline(await ask('POST', JOBS, JSON_TYPE, job('json', GREATEST))), GREATEST);
  assert.equal(deadline(await ask('GET', `${JOBS}/json`, JSON_TYPE)), GREATEST);
  assert.equal(deadline(await ask('GET', JOBS, JSON_TYPE)), GREATEST);
  const yaml = await ask('GET', `${JOBS}/json`, JSON_TYPE, undefined, 'application/yaml');
  assert.match(yaml, new RegExp(`activeDeadlineSeconds: ${GREATEST}\n`));
});

test('a YAML body keeps the digits', async () => {
  const yaml = `apiVersion: batch/v1\nkind: Job\nmetadata: {name: yaml}\nspec:\n  suspend: true\n  activeDeadlineSeconds: ${ODD}\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: a, image: b}]\n`;
  assert.equal(deadline(await ask('POST', JOBS, 'application/yaml', yaml)), ODD);
});

test('every kind of patch keeps the digits, of what it changes and of what it leaves', async () => {
  await ask('POST', JOBS, JSON_TYPE, job('patched', '1'));
  const path = `${JOBS}/patched`;
  const spec = (value: string): string => `{"spec":{"activeDeadlineSeconds":${value}}}`;
  const label = '{"metadata":{"labels":{"a":"b"}}}';
  const merge = 'application/merge-patch+json';
  const strategic = 'application/strategic-merge-patch+json';
  const jsonPatch = `[{"op":"replace","path":"/spec/activeDeadlineSeconds","value":${GREATEST}}]`;
  const steps: readonly (readonly [string, string, string])[] = [
    [merge, spec(ODD), ODD],
    [merge, label, ODD],
    [strategic, spec(GREATEST), GREATEST],
    [strategic, label, GREATEST],
    [merge, spec('9007199254740995'), '9007199254740995'],
    ['application/json-patch+json', jsonPatch, GREATEST],
  ];
  for (const [type, patch, expected] of steps)
    assert.equal(deadline(await ask('PATCH', path, type, patch)), expected);
});

test('server-side apply keeps the digits, and sees that nothing changed', async () => {
  const path = `${JOBS}/applied?fieldManager=m`;
  const type = 'application/apply-patch+yaml';
  const first = await ask('PATCH', path, type, job('applied', ODD));
  assert.equal(deadline(first), ODD);
  const again = await ask('PATCH', path, type, job('applied', ODD));
  const version = /"resourceVersion":"(\d+)"/;
  assert.equal(version.exec(again)?.[1], version.exec(first)?.[1]);
  assert.equal(deadline(await ask('PATCH', path, type, job('applied', GREATEST))), GREATEST);
});

test('what 64 bits do not hold is refused, and told in full', async () => {
  assert.match(
    await ask('POST', JOBS, JSON_TYPE, job('more', '9223372036854775808')),
    /^400 .*cannot unmarshal number 9223372036854775808 into Go struct field JobSpec\.spec\.activeDeadlineSeconds of type int64/,
  );
  assert.match(
    await ask('POST', JOBS, JSON_TYPE, job('less', '-9223372036854775808')),
    /^422 .*spec\.activeDeadlineSeconds: Invalid value: -9223372036854775808: must be greater than or equal to 0/,
  );
});

test('a restart reads from the disk what was written', async () => {
  await server.stop();
  await start();
  assert.equal(deadline(await ask('GET', `${JOBS}/json`, JSON_TYPE)), GREATEST);
  assert.equal(deadline(await ask('GET', `${JOBS}/yaml`, JSON_TYPE)), ODD);
});

test('a grace period that no clock holds is carried out as in Kubernetes, where it overflows', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"nodeName":"n","terminationGracePeriodSeconds":${GREATEST},"containers":[{"name":"a","image":"b"}]}}`;
  await ask(
    'POST',
    '/api/v1/namespaces/default/serviceaccounts',
    JSON_TYPE,
    '{"metadata":{"name":"default"}}',
  );
  assert.match(await ask('POST', pods, JSON_TYPE, pod), /^201 /);
  const deleted = await ask('DELETE', `${pods}/p`, JSON_TYPE);
  assert.match(deleted, /"deletionGracePeriodSeconds":9223372036854775807/);
  assert.match(deleted, /"deletionTimestamp":"\d{4}-/);
});
