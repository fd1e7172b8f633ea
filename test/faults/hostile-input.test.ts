/** Whatever comes in, an answer goes out, of Kubernetes' kind, and the server stays. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import {
  HOSTILE_REQUESTS,
  type HostileRequest,
  jobBody,
  podBody,
  TARGET,
} from '../harness/hostile-requests.ts';
import { type HostileServer, startHostileServer } from '../harness/hostile-server.ts';

/** Bodies and patches that are tried for each property. */
const RUNS = 400;

let server: HostileServer;

before(async () => {
  server = await startHostileServer();
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

for (const [group, requests] of Object.entries(HOSTILE_REQUESTS)) {
  test(`every request whose ${group} are hostile gets its answer, and the server goes on`, async () => {
    for (const request of requests) {
      const { code, text } = await server.overHttps(request);
      assert.equal(code, request.code, `${request.name}: ${text.slice(0, 500)}`);
    }
    assert.deepEqual(server.faults, []);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    const job = {
      verb: 'get',
      group: 'batch',
      version: 'v1',
      resource: 'jobs',
      namespace: 'default',
    } as const;
    const answer = await server.transport.send({ ...job, name: TARGET });
    assert.equal(answer.kind === 'object' && answer.code, 200);
  });
}

const BATCH = '/apis/batch/v1/namespaces/default';
const COLLECTIONS = [`${BATCH}/jobs`, `${BATCH}/cronjobs`, '/api/v1/namespaces/default/pods'];
const KEYS = [
  'metadata',
  'labels',
  'name',
  'spec',
  'template',
  'containers',
  'schedule',
  'jobTemplate',
  'env',
  '$patch',
];
/** JSON whose members often bear names that mean something. */
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS, '__proto__', 'constructor'), fc.string()), tie('value'), {
      maxKeys: 4,
    }),
  ),
})).value;

/** Fails for a fault of the server's own; 500 is Kubernetes' answer to some patches, then without a reason. */
async function isAnswered(request: Omit<HostileRequest, 'name' | 'code'>): Promise<void> {
  const { code, text } = await server.inProcess({ ...request, name: '', code: 0 });
  const { reason } = JSON.parse(text) as { readonly reason?: string };
  assert.ok(code < 500 || reason === undefined || reason === '', text.slice(0, 500));
}

/** The paths of everything in a value. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

test('arbitrary JSON as a body is answered, never with 500', async () => {
  const contentType = 'application/json';
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...COLLECTIONS), json, (path, body) =>
      isAnswered({ method: 'POST', path, contentType, body: JSON.stringify(body) }),
    ),
    { numRuns: RUNS },
  );
});

test('a good body with arbitrary JSON somewhere in it is answered, never with 500', async () => {
  const contentType = 'application/json';
  const goods = [jobBody(), podBody()];
  const spots = goods.flatMap((good) => places(good).map((place) => ({ good, place })));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...spots), json, ({ good, place }, by) => {
      const path = good['kind'] === 'Job' ? `${BATCH}/jobs` : '/api/v1/namespaces/default/pods';
      return isAnswered({
        method: 'POST',
        path,
        contentType,
        body: JSON.stringify(replaced(good, place, by)),
      });
    }),
    { numRuns: RUNS },
  );
});

test('arbitrary JSON as a patch is answered, with 500 only where Kubernetes has it', async () => {
  const types = ['json-patch', 'merge-patch', 'strategic-merge-patch'].map(
    (type) => `application/${type}+json`,
  );
  const operation = fc.record({
    op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', ''),
    path: fc.oneof(
      fc.constantFrom('', '/spec', '/metadata/labels/-', '/spec/template/spec/containers/-1'),
      fc.string(),
    ),
    from: fc.constantFrom('', '/spec', '/metadata', '/__proto__'),
    value: json,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        `${BATCH}/jobs/${TARGET}`,
        `${BATCH}/cronjobs/${TARGET}`,
        `${BATCH}/jobs/${TARGET}/status`,
      ),
      fc.constantFrom(...types),
      fc.oneof(json, fc.array(operation), fc.record({ spec: json }), fc.record({ metadata: json })),
      (path, contentType, body) =>
        isAnswered({ method: 'PATCH', path, contentType, body: JSON.stringify(body) }),
    ),
    { numRuns: RUNS },
  );
});
