import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog } from '../catalog.ts';
import type { PathAnswer } from '../http/path-handlers.ts';
import { fieldsOf } from '../protobuf/wire-reader.ts';
import { DEPOTS, GADGETS } from '../testing/gadgets.ts';
import { openApiHandler } from './openapi-handler.ts';

const ASKED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const ANSWERED = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const handler = openApiHandler(new Catalog([GADGETS, DEPOTS], []), {});

async function ask(accept?: string, headers: Record<string, string> = {}): Promise<PathAnswer> {
  const user = { username: 'ada', groups: [] };
  const answer = await handler({
    method: 'GET',
    path: '/openapi/v2',
    parameters: {},
    query: '',
    accept,
    user,
    headers,
  });
  assert.ok(answer !== undefined);
  return answer;
}

test('/openapi/v2 is protobuf for those who prefer it, under either name, and JSON for others', async () => {
  for (const accept of [ASKED, ANSWERED, `application/json;q=0.5, ${ASKED}`]) {
    const { code, contentType, body } = await ask(accept);
    assert.equal(code, 200, accept);
    assert.equal(contentType, ANSWERED, accept);
    assert.ok(body instanceof Uint8Array);
    const swagger = [...fieldsOf(body)].find(({ number }) => number === 1);
    assert.deepEqual(swagger?.value, Buffer.from('2.0'));
  }
  for (const accept of [undefined, '*/*', 'application/json', `application/json, ${ASKED}`]) {
    const { contentType, body } = await ask(accept);
    assert.equal(contentType, 'application/json', accept ?? 'no Accept');
    assert.equal(JSON.parse(String(body)).swagger, '2.0');
  }
});

test('/openapi/v2 answers 406 to those who read neither of its forms', async () => {
  assert.equal((await ask('text/html')).code, 406);
});

test('/openapi/v2 in protobuf is made once and has an ETag by which a client sees that it knows it', async () => {
  const first = await ask(ASKED);
  assert.equal((await ask(ASKED)).body, first.body);
  const known = await ask(ASKED, { 'if-none-match': first.headers?.['ETag'] ?? '' });
  assert.equal(known.code, 304);
  assert.equal(known.body, '');
});

test('/openapi/v3 has no empty lists, which Go clients would not write again', async () => {
  const user = { username: 'ada', groups: [] };
  const asked = { method: 'GET', parameters: {}, query: '', accept: undefined, user, headers: {} };
  const index = await handler({ ...asked, path: '/openapi/v3' });
  const paths = Object.keys(JSON.parse(String(index?.body)).paths);
  assert.ok(paths.length > 0);
  for (const path of paths) {
    const answer = await handler({ ...asked, path: `/openapi/v3/${path}` });
    assert.doesNotMatch(String(answer?.body), /:\[\]/);
  }
});

test('of a version that there is not, /openapi/v3 says nothing', async () => {
  const user = { username: 'ada', groups: [] };
  const asked = { method: 'GET', parameters: {}, query: '', accept: undefined, user, headers: {} };
  const answer = await handler({ ...asked, path: '/openapi/v3/apis/batch/v9' });
  assert.deepEqual([answer?.code, answer?.body], [404, '']);
});
