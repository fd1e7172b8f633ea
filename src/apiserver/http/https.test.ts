import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { systemClock } from '../../apimachinery/clock.ts';
import { issue } from '../certificates/certificate-authority.ts';
import { type Certificates, openCertificates } from '../certificates/index.ts';
import { DEPOTS, GADGETS, gadgetServer } from '../testing/gadgets.ts';
import { gadget } from '../testing/requests.ts';
import type { Listening } from './listener.ts';

const PATH = '/apis/demo.example.com/v1/namespaces/yard/gadgets';

interface Answer {
  readonly code: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers of every shape.
  readonly body: any;
}

interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly anonymous?: boolean;
  /** Over HTTP/1.1: whose connections to use. */
  readonly through?: Agent;
}

let directory: string;
let certificates: Certificates;
let server: Listening;
let world: ReturnType<typeof gadgetServer>;
let session: ClientHttp2Session;
const agent = new Agent({ keepAlive: true });

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'longshore-https-'));
  certificates = await openCertificates({ directory, clock: systemClock });
  world = gadgetServer({
    tokens: [
      {
        authenticate: (token) =>
          token === 'let-me-in' ? { username: 'robot', groups: ['system:masters'] } : undefined,
      },
    ],
  });
  server = await world.server.listen({ port: 0, certificates });
  const { certificate: cert, key } = certificates.admin;
  session = connect(server.url, { ca: certificates.authority, cert, key });
});

after(async () => {
  session.close();
  agent.destroy();
  await server.stop();
  await rm(directory, { recursive: true });
});

/** One request over HTTP/1.1. */
function h1(
  path: string,
  { method = 'GET', body, headers = {}, anonymous = false, through = agent }: Asked = {},
): Promise<Answer> {
  const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const length =
    sent === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(sent)) };
  const credentials = anonymous ? {} : { cert: certificates.admin.certificate, key: certificates.admin.key };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      `${server.url}${path}`,
      {
        method,
        agent: anonymous ? false : through,
        ca: certificates.authority,
        ...credentials,
        servername: 'localhost',
        headers: { ...length, ...headers },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(answerOf(response.statusCode ?? 0, response.headers, chunks)));
      },
    );
    request.on('error', reject);
    request.end(sent);
  });
}

/** One request over HTTP/2. */
function h2(path: string, { method = 'GET', body, headers = {} }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(
      {
        ':path': path,
        ':method': method,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      { endStream: body === undefined },
    );
    let seen: Record<string, unknown> = {};
    const chunks: Buffer[] = [];
    stream.on('response', (all) => {
      seen = { ...all };
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(answerOf(Number(seen[':status']), seen, chunks)));
    stream.on('error', reject);
    if (body !== undefined) stream.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

function answerOf(code: number, headers: Record<string, unknown>, chunks: Buffer[]): Answer {
  const bytes = Buffer.concat(chunks);
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const isJson = String(headers['content-type']).startsWith('application/json');
  return { code, headers, text, body: isJson && text !== '' ? JSON.parse(text) : undefined };
}

/** Reads the lines of a watch until there are `count`, then hangs up. */
function lines(path: string, count: number, accept = 'application/json'): Promise<Record<string, never>[]> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, accept });
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = text.split('\n').slice(0, -1);
      if (found.length < count) return;
      stream.close();
      resolve(found.map((line) => JSON.parse(line) as Record<string, never>));
    });
    stream.on('end', () => {
      resolve(
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as Record<string, never>),
      );
    });
    stream.on('error', reject);
  });
}

for (const [name, send] of [
  ['HTTP/1.1', h1],
  ['HTTP/2', h2],
] as const) {
  test(`an object lives its life over ${name}`, async () => {
    const id = name.replace(/\W/g, '').toLowerCase();
    const made = await send(PATH, { method: 'POST', body: gadget(id, { size: 1, color: 'beige' }) });
    assert.equal(made.code, 201);
    assert.equal(made.headers['warning'], '299 - "beige is a poor choice"');
    assert.equal(made.headers['cache-control'], 'no-cache, private');
    assert.ok(made.headers['audit-id']);
    const read = await send(`${PATH}/${id}`);
    assert.deepEqual(read.body, made.body);
    const patched = await send(`${PATH}/${id}`, {
      method: 'PATCH',
      body: { spec: { size: 2 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    assert.deepEqual([patched.code, patched.body.spec.size], [200, 2]);
    const list = await send(PATH);
    assert.equal(list.body.kind, 'GadgetList');
    assert.equal(list.body.items[0].kind, undefined);
    assert.ok(list.body.items.some((each: { metadata: { name: string } }) => each.metadata.name === id));
    const gone = await send(`${PATH}/${id}`, { method: 'DELETE', body: { propagationPolicy: 'Background' } });
    assert.deepEqual([gone.code, gone.body.status], [200, 'Success']);
  });
}

test('what is not there is 404: an unknown group as plain text, an unknown resource as Status', async () => {
  const group = await h2('/apis/nope.io/v1/things');
  assert.deepEqual([group.code, group.text], [404, '404 page not found\n']);
  const unknown = [
    '/apis/demo.example.com/v1/namespaces/yard/nothings',
    `${PATH}/a/scale`,
    '/apis/demo.example.com/v2/namespaces/yard/gadgets',
    '/apis/demo.example.com/v2',
    '/apis/demo.example.com/v1/gadgets/a',
  ];
  for (const path of unknown) {
    const seen = await h2(path);
    assert.deepEqual(
      [seen.code, seen.body.message],
      [404, 'the server could not find the requested resource'],
    );
  }
});

test('methods that make no sense are 405', async () => {
  const cases: [string, string][] = [
    ['POST', `${PATH}/a`],
    ['PUT', PATH],
    ['PATCH', PATH],
    ['POST', '/apis/demo.example.com/v1/gadgets'],
    ['DELETE', '/apis/demo.example.com/v1/gadgets'],
  ];
  for (const [method, path] of cases) {
    const seen = await h2(path, { method, body: gadget('a') });
    assert.equal(seen.code, 405, `${method} ${path}`);
    assert.equal(seen.body.message, 'the server does not allow this method on the requested resource');
    assert.deepEqual(seen.body.details, {});
  }
});

test('the old path of watches leads to what can be watched, by GET alone', async () => {
  const old = PATH.replace('/v1/', '/v1/watch/');
  const cases: [string, string, number][] = [
    ['POST', old, 405],
    ['DELETE', `${old}/a`, 405],
    ['GET', `${old}/a/status`, 404],
    ['PUT', `${old}/a/status`, 404],
    ['GET', '/apis/demo.example.com/v1/watch/nothings', 404],
  ];
  for (const [method, path, code] of cases) {
    const seen = await h2(path, { method, ...(method === 'GET' ? {} : { body: gadget('a') }) });
    assert.equal(seen.code, code, `${method} ${path}`);
  }
});

test('a path that upstream cannot make out is an error of its own', async () => {
  const seen = await h2('/api/v1/watch?a&b');
  const why = 'failed to create RequestInfo: unable to determine kind and namespace from url';
  assert.equal(seen.code, 500);
  assert.equal(seen.text, `Internal Server Error: "/api/v1/watch?a&amp;b": ${why}, /api/v1/watch?a&amp;b\n`);
});

test('a request may be given less time; what is no duration is refused', async () => {
  const seen = await h2(`${PATH}?timeout=soon`);
  assert.deepEqual(
    [seen.code, seen.body.message],
    [400, 'invalid timeout specified in the request URL - time: invalid duration "soon"'],
  );
  assert.equal((await h2(`${PATH}?timeout=32s`)).code, 200);
  assert.equal((await h2('/version?timeout=soon')).code, 400, 'also where no resource is asked for');
});

test('bodies that cannot be read are refused in upstream words', async () => {
  const broken = await h2(PATH, { method: 'POST', body: '{nope' });
  assert.equal(
    broken.body.message,
    "the object provided is unrecognized (must be of type Gadget): couldn't get version/kind; json parse error: invalid character 'n' looking for beginning of object key string ({nope)",
  );
  const strange = await h2(PATH, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
  assert.equal(strange.code, 415);
  for (const type of ['application/json;x', 'application/json; a=b; A=c', 'application/json;;']) {
    const odd = await h2(PATH, { method: 'POST', body: '{}', headers: { 'content-type': type } });
    assert.equal(odd.code, 415, type);
  }
  for (const type of ['Application/JSON; charset="utf-8"', 'application/json;']) {
    const plain = await h2(PATH, { method: 'POST', body: '{}', headers: { 'content-type': type } });
    assert.equal(plain.code, 422, type);
  }
  const capital = await h2(`${PATH}/a`, {
    method: 'PATCH',
    body: {},
    headers: { 'content-type': 'Application/merge-patch+json' },
  });
  assert.equal(capital.code, 415);
  const spelled = await h2(`${PATH}/a`, { headers: { accept: 'Application/JSON' } });
  assert.equal(spelled.code, 406);
  const huge = await h1(PATH, { method: 'POST', body: `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}` });
  assert.equal(huge.code, 413);
  const patch = await h2(`${PATH}/a`, {
    method: 'PATCH',
    body: {},
    headers: { 'content-type': 'application/json' },
  });
  assert.deepEqual([patch.code, patch.body.message], [415, '415: Unsupported Media Type']);
  const options = await h2(`${PATH}/a`, { method: 'DELETE', body: '{' });
  assert.equal(
    options.body.message,
    "couldn't get version/kind; json parse error: unexpected end of JSON input",
  );
  const other = await h2(`${PATH}/a`, { method: 'DELETE', body: { kind: 'Gadget', apiVersion: 'v1' } });
  assert.equal(
    other.body.message,
    'no kind "Gadget" is registered for version "v1" in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"',
  );
});

test('HEAD is for plain paths', async () => {
  assert.equal((await h1(PATH, { method: 'HEAD' })).code, 405);
});

test('the refusal of a body shows its beginning, in digits when it does not look like JSON', async () => {
  const head = 'the object provided is unrecognized (must be of type Gadget): ';
  const noType = "couldn't get version/kind; json parse error: ";
  const struct =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const long = `{"a":"${'x'.repeat(40)}`;
  const cases: [string, string, string][] = [
    ['application/json', long, `${noType}unexpected end of JSON input (${long.slice(0, 30)} ...)`],
    [
      'application/json',
      '[1]',
      `${noType}json: cannot unmarshal array into Go value of type ${struct} (5b315d)`,
    ],
    [
      'application/json',
      '{"kind":1}',
      `${noType}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
    ],
    [
      'application/json',
      '{"apiVersion":"a/b/c"}',
      'unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})',
    ],
    ['application/yaml', '{a', "yaml: line 1: did not find expected ',' or '}' ({a)"],
    ['application/yaml', 'a: b: c', 'yaml: mapping values are not allowed in this context (613a20623a2063)'],
  ];
  for (const [type, body, message] of cases) {
    const seen = await h2(PATH, { method: 'POST', body, headers: { 'content-type': type } });
    assert.deepEqual([seen.code, seen.body.message], [400, head + message]);
  }
});

test('a patch that is no JSON is refused in the words of its kind of patch', async () => {
  const cases: [string, string][] = [
    ['application/json-patch+json', 'error decoding patch: unexpected end of JSON input'],
    ['application/merge-patch+json', 'error decoding patch: unexpected end of JSON input'],
    ['application/strategic-merge-patch+json', 'unexpected end of JSON input'],
    ['application/apply-patch+yaml', 'error decoding YAML: error converting YAML to JSON: yaml: '],
  ];
  const body = '{"apiVersion":"demo.example.com/v1","kind":"Gadget","metadata":{"name":"patched"}}';
  assert.equal((await h2(PATH, { method: 'POST', body })).code, 201);
  for (const [type, message] of cases) {
    const headers = { 'content-type': type };
    const patch = { method: 'PATCH', body: '{"a":', headers };
    const seen = await h2(`${PATH}/patched?fieldManager=m`, patch);
    assert.equal(seen.code, 400);
    assert.ok(seen.body.message.startsWith(message), seen.body.message);
    // Options come before the body, and so does the object, where the patch needs one.
    assert.equal((await h2(`${PATH}/patched?fieldManager=m&dryRun=x`, patch)).code, 422);
    const missing = await h2(`${PATH}/missing?fieldManager=m`, patch);
    assert.equal(missing.code, type === 'application/apply-patch+yaml' ? 400 : 404);
  }
  assert.equal((await h2(`${PATH}/patched`, { method: 'DELETE' })).code, 200);
});

test('a body that cannot be read is told of after options, methods and permissions', async () => {
  const broken = { method: 'POST', body: '{' };
  assert.equal((await h2(PATH, broken)).code, 400);
  assert.equal((await h2(`${PATH}?dryRun=x`, broken)).code, 422);
  assert.equal((await h2(`${PATH}/a?dryRun=x`, { method: 'PUT', body: '{' })).code, 422);
  assert.equal((await h2(`${PATH}/a/status`, broken)).code, 405);
  const selected = await h2(`${PATH}?labelSelector=!!`, { method: 'DELETE', body: '{' });
  assert.match(selected.body.message, /^unable to parse requirement/);
  const patience = { method: 'DELETE', body: '{"gracePeriodSeconds":"x"}' };
  assert.equal(
    (await h2(`${PATH}/missing`, patience)).body.message,
    'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
  );
});

test('YAML comes and goes', async () => {
  const text = 'apiVersion: demo.example.com/v1\nkind: Gadget\nmetadata: {name: yaml}\nspec: {size: 3}\n';
  const made = await h2(PATH, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/yaml' },
  });
  assert.equal(made.code, 201);
  const read = await h2(`${PATH}/yaml`, { headers: { accept: 'application/yaml' } });
  assert.match(read.text, /^ {2}size: 3$/m);
});

test('tables, partial metadata and an answer to nobody', async () => {
  await h2(PATH, { method: 'POST', body: gadget('tabled', { size: 5 }) });
  const table = await h2(`${PATH}/tabled`, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
  });
  assert.equal(table.body.kind, 'Table');
  assert.deepEqual(table.body.rows[0].cells, ['tabled', 5]);
  assert.equal(table.body.rows[0].object.kind, 'PartialObjectMetadata');
  const wrong = await h2(PATH, {
    headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
  });
  assert.deepEqual(
    [wrong.code, wrong.body.message],
    [406, 'you requested PartialObjectMetadata, but the requested object is a list (*demo.GadgetList)'],
  );
  const none = await h2(`${PATH}?includeObject=None`, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  assert.equal(none.body.rows[0].object, null);
  for (const [query, message] of [
    ['', /^Unable to convert to Table as requested: includeObject: Invalid value: "x"/],
    ['&limit=y', /^strconv\.ParseInt: parsing "y": invalid syntax$/],
  ] as const) {
    const bad = await h2(`${PATH}?includeObject=x${query}`, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    assert.equal(bad.code, 400);
    assert.match(bad.body.message, message);
  }
  const partial = await h2(PATH, {
    headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
  });
  assert.equal(partial.body.kind, 'PartialObjectMetadataList');
  assert.equal(partial.body.items[0].spec, undefined);
  const nothing = await h2(`${PATH}?labelSelector=no%3Dbody`, {
    headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
  });
  assert.equal(nothing.body.items, null);
  const unwatched = await h2(PATH, { method: 'POST', body: gadget('h'), headers: { accept: 'text/html' } });
  assert.match(unwatched.body.message, /kubernetes\.protobuf$/);
  const html = await h2(PATH, { headers: { accept: 'text/html' } });
  assert.equal(html.code, 406);
  assert.equal(
    html.body.message,
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  );
});

test('a watch streams lines, as objects and as tables', async () => {
  await h2(PATH, { method: 'POST', body: gadget('watched', { size: 1 }) });
  const where = `${PATH}?watch=1&fieldSelector=metadata.name%3Dwatched`;
  const objects = lines(where, 2);
  const tables = lines(where, 2, 'application/json;as=Table;v=v1;g=meta.k8s.io');
  await new Promise((resolve) => setImmediate(resolve));
  const body = { spec: { size: 2 } };
  // The change may come before the watches have opened: they then begin with it. So change until both have told two.
  let done = false;
  const both = Promise.all([objects, tables]).finally(() => {
    done = true;
  });
  for (let change = 0; change < 500 && !done; change++) {
    body.spec.size++;
    await h2(`${PATH}/watched`, {
      method: 'PATCH',
      body,
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  }
  const [first, second] = await both;
  assert.deepEqual(
    first.slice(0, 2).map((each) => each['type']),
    ['ADDED', 'MODIFIED'],
  );
  const [one, two] = second as unknown as {
    object: { kind: string; columnDefinitions: object[] | null; rows: object[] };
  }[];
  assert.equal(one?.object.kind, 'Table');
  assert.equal(one?.object.columnDefinitions?.length, 2);
  assert.equal(two?.object.columnDefinitions, null);
});

test('a watch that comes too late gets an ERROR event of 410, one with a bad version a Status', async () => {
  const { server: small } = gadgetServer({ history: { events: 1 } });
  const listening = await small.listen({ port: 0, certificates });
  const { certificate: cert, key } = certificates.admin;
  const other = connect(listening.url, { ca: certificates.authority, cert, key });
  const kept = session;
  session = other;
  try {
    for (let count = 0; count < 4; count++) await h2(PATH, { method: 'POST', body: gadget(`g${count}`) });
    const [event] = (await lines(`${PATH}?watch=1&resourceVersion=1`, 1)) as unknown as {
      type: string;
      object: { code: number };
    }[];
    assert.deepEqual([event?.type, event?.object.code], ['ERROR', 410]);
    const bad = await h2(`${PATH}?watch=1&resourceVersion=abc`);
    assert.equal(bad.code, 500);
  } finally {
    session = kept;
    other.close();
    await listening.stop();
  }
});

test('who shows a certificate that is no good is not let in, nor taken for the anonymous user', async () => {
  const others = await openCertificates({ directory: join(directory, 'others'), clock: systemClock });
  const [certificate, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((file) => readFile(join(directory, file), 'utf8')),
  );
  const now = systemClock.now();
  const order = { commonName: 'a', organizations: ['system:masters'], use: 'client', notBefore: 0 } as const;
  const signed = (each: object) =>
    issue({ certificate: certificate ?? '', key: key ?? '' }, { ...order, notAfter: now + 60_000, ...each });
  const shown = {
    'of another authority': others.admin,
    'that has ended': await signed({ notAfter: now - 60_000 }),
    'that is for later': await signed({ notBefore: now + 30_000 }),
    'that names nobody': await signed({ commonName: '' }),
  };
  for (const [what, pair] of Object.entries(shown)) {
    const stranger = connect(server.url, {
      ca: certificates.authority,
      cert: pair.certificate,
      key: pair.key,
    });
    try {
      for (const [path, authorization, code] of [
        ['/version', undefined, 401],
        [PATH, undefined, 401],
        ['/version', 'Bearer nobody-knows', 401],
        ['/version', 'Basic bGV0OmluCg==', 401],
        ['/version', 'Bearer let-me-in', 200],
      ] as const) {
        const stream = stranger.request({ ':path': path, ...(authorization && { authorization }) });
        const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
        assert.equal(headers[':status'], code, `a certificate ${what}, ${authorization}: ${path}`);
        stream.close();
      }
    } finally {
      stranger.close();
    }
  }
});

test('who shows no credentials is the anonymous user, who may ask for health and version', async () => {
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    assert.equal((await h1(path, { anonymous: true })).code, 200, path);
  }
  for (const path of [PATH, '/apis', '/api', '/metrics', '/openapi/v3']) {
    assert.equal((await h1(path, { anonymous: true })).code, 403, path);
  }
  const { body } = await h1(`${PATH}?watch=1`, { anonymous: true });
  assert.equal(
    body.message,
    'gadgets.demo.example.com is forbidden: User "system:anonymous" cannot watch resource "gadgets" in API group "demo.example.com" in the namespace "yard"',
  );
  // It is refused before its body is read: this one says that more comes than ever does.
  const headers = { 'content-length': '1000', expect: '100-continue' };
  assert.equal((await h1(PATH, { method: 'POST', anonymous: true, headers })).code, 403);
  const token = (value: string) => ({ anonymous: true, headers: { authorization: `Bearer ${value}` } });
  assert.equal((await h1(PATH, token('let-me-in'))).code, 200);
  assert.equal((await h1(PATH, token('guess'))).code, 401);
});

test('a token is the word after the first space of its header, and more space makes the header count for nothing', async () => {
  const asked = (authorization: string) => h1(PATH, { anonymous: true, headers: { authorization } });
  for (const known of ['bEARER let-me-in', 'Bearer let-me-in and more']) {
    assert.equal((await asked(known)).code, 200, known);
  }
  const spaced = await asked('Bearer  let-me-in');
  assert.equal(spaced.code, 403);
  assert.equal(
    spaced.headers['warning'],
    '299 - "the provided Authorization header contains extra space before the bearer token, and is ignored"',
  );
});

test('an impersonated user is judged as that user', async () => {
  const seen = await h2(PATH, { headers: { 'impersonate-user': 'bob' } });
  assert.equal(
    seen.body.message,
    'gadgets.demo.example.com is forbidden: User "bob" cannot list resource "gadgets" in API group "demo.example.com" in the namespace "yard"',
  );
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'system:masters' };
  assert.equal((await h2(PATH, { headers })).code, 200);
});

test('objects of all namespaces can be listed and watched, and nothing else', async () => {
  const all = '/apis/demo.example.com/v1/gadgets';
  assert.equal((await h2(all)).code, 200);
  for (const [method, path, code] of [
    ['DELETE', all, 405],
    ['POST', all, 405],
    ['GET', `${all}/one`, 404],
    ['DELETE', `${all}/one`, 404],
    ['PUT', `${all}/one/status`, 404],
  ] as const) {
    const answer = await h2(path, { method, body: {} });
    const said =
      code === 404
        ? 'the server could not find the requested resource'
        : 'the server does not allow this method on the requested resource';
    assert.deepEqual([answer.code, answer.body.message], [code, said], `${method} ${path}`);
  }
});

test('a name that is not ours, and a web page, are turned away', async () => {
  assert.equal((await h1('/healthz', { headers: { host: 'evil.example.com' } })).code, 403);
  assert.equal((await h1('/healthz', { headers: { origin: 'https://evil.example.com' } })).code, 403);
  assert.equal((await h1('/healthz', { headers: { host: 'kubernetes.default.svc' } })).code, 200);
});

test('discovery names what is served, in both forms', async () => {
  const { body: legacy } = await h2('/apis/demo.example.com/v1');
  assert.deepEqual(
    legacy.resources.map((each: { name: string }) => each.name),
    ['gadgets', 'gadgets/paint', 'gadgets/status'],
  );
  assert.deepEqual(legacy.resources[0].shortNames, ['gd']);
  const { body: group } = await h2('/apis/demo.example.com');
  assert.equal(group.preferredVersion.groupVersion, 'demo.example.com/v1');
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
  const { body, headers } = await h2('/apis', { headers: { accept } });
  assert.equal(body.kind, 'APIGroupDiscoveryList');
  assert.equal(
    headers['content-type'],
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  );
  assert.equal(body.items[0].versions[0].resources[0].resource, GADGETS.resource);
  const older = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
  assert.match((await h2('/apis', { headers: { accept: older } })).body.message, /^only the following media/);
  const routed = (await h2('/api', { headers: { accept: 'text/html' } })).body;
  assert.match(routed.message, /^406: Not Acceptable\n\nAvailable representations: application\/json, /);
  assert.match((await h2('/apis', { headers: { accept: 'text/html' } })).body.message, /^only the following/);
  assert.match(
    (await h2('/version', { headers: { accept: 'text/html' } })).body.message,
    /: application\/json$/,
  );
  const { body: core } = await h2('/api/v1');
  assert.equal(core.resources[0].name, DEPOTS.resource);
});

test('who may not is refused with a header that keeps browsers from guessing', async () => {
  const refused = await h2(PATH, { headers: { 'impersonate-user': 'bob' } });
  assert.deepEqual([refused.code, refused.headers['x-content-type-options']], [403, 'nosniff']);
});

test('OpenAPI documents describe every operation and say when they change', async () => {
  const index = await h2('/openapi/v3');
  assert.equal(index.headers['content-type'], 'text/plain; charset=utf-8');
  const where = JSON.parse(index.text).paths['apis/demo.example.com/v1'].serverRelativeURL;
  const { body: document, headers } = await h2(where);
  assert.equal(
    document.paths[`${PATH.replace('yard', '{namespace}')}/{name}`].patch['x-kubernetes-group-version-kind']
      .kind,
    'Gadget',
  );
  const again = await h2(where, { headers: { 'if-none-match': String(headers['etag']) } });
  assert.equal(again.code, 304);
});

test('large answers are compressed for those who can read them', async () => {
  for (let count = 0; count < 40; count++) {
    const annotations = { text: 'x'.repeat(5_000) };
    await h2(PATH, { method: 'POST', body: gadget(`large${count}`, {}, { annotations }) });
  }
  const zipped = await h2(PATH, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(zipped.headers['content-encoding'], 'gzip');
  const plain = await h2(PATH);
  assert.ok(plain.text.length > 200_000);
  assert.equal(zipped.text, plain.text);
  assert.equal((await h1(PATH, { headers: { 'accept-encoding': 'gzip' } })).text, plain.text);
});

test('a long list arrives whole in pieces, whatever letters stand where it is cut', async () => {
  const path = PATH.replace('yard', 'hall');
  for (let count = 0; count < 7; count++) {
    // Letters of two code units each, with an offset that differs from one object to the next.
    const annotations = { text: 'x'.repeat(count) + '🚢'.repeat(40_000) };
    const sent = await h1(path, { method: 'POST', body: gadget(`long${count}`, {}, { annotations }) });
    assert.equal(sent.code, 201);
  }
  const pretty = await h1(`${path}?pretty=true`);
  assert.equal(Number(pretty.headers['content-length']), Buffer.byteLength(pretty.text));
  for (const { body } of [await h1(path), await h2(path), pretty]) {
    assert.deepEqual(
      body.items.map(
        (each: { metadata: { annotations: { text: string } } }) => each.metadata.annotations.text,
      ),
      Array.from({ length: 7 }, (_, count) => 'x'.repeat(count) + '🚢'.repeat(40_000)),
    );
  }
});

test('a connection of HTTP/1.1 serves on when a watch on it has ended', async () => {
  const path = PATH.replace('yard', 'pier');
  const made = await h1(path, { method: 'POST', body: gadget('crane') });
  const from = made.body.metadata.resourceVersion;
  const one = new Agent({ keepAlive: true, maxSockets: 1 });
  const watching = h1(`${path}?watch=1&timeoutSeconds=1&resourceVersion=${from}`, { through: one });
  const changed = await h2(`${path}/crane`, {
    method: 'PATCH',
    body: { metadata: { annotations: { of: '🚢' } } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  assert.equal(changed.code, 200, changed.text);
  const { text, headers } = await watching;
  assert.equal(headers['transfer-encoding'], 'chunked');
  assert.deepEqual(JSON.parse(text), { type: 'MODIFIED', object: changed.body });
  assert.deepEqual((await h1(`${path}/crane`, { through: one })).body, changed.body);
  assert.equal(Object.values(one.sockets).length + Object.values(one.freeSockets).length, 1);
  one.destroy();
});

/** What came of opening a WebSocket: the protocol agreed on and the first message, or the code of the refusal. */
function watched(protocols: readonly string[], headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const url = `${server.url.replace('https', 'wss')}${PATH}?watch=1`;
    const socket = new WebSocket(url, [...protocols], { ca: certificates.authority, headers });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    socket.on('error', reject);
    socket.on('message', (message: Buffer, isBinary) => {
      socket.close();
      resolve(`${socket.protocol} ${isBinary ? 'bytes' : 'text'} ${message.toString()}`);
    });
  });
}

test('a browser watches over a WebSocket, with its token among the subprotocols', async () => {
  await h2(PATH, { method: 'POST', body: gadget('seen', { size: 1 }) });
  const token = (text: string): string =>
    `base64url.bearer.authorization.k8s.io.${Buffer.from(text).toString('base64url')}`;
  const origin = { origin: server.url };
  const seen = await watched([token('let-me-in'), 'binary.k8s.io'], origin);
  assert.match(seen, /^binary\.k8s\.io text \{"type":"ADDED",.*\}\n$/);
  const other = { ...origin, authorization: 'Bearer let-me-in' };
  assert.match(await watched([], other), /^ text /);
  assert.equal(await watched(['a', 'b'], other), '400');
  assert.equal(await watched([], { authorization: 'Bearer let-me-in' }), '403');
  assert.equal(await watched([token('no'), 'x'], origin), '401');
  assert.equal(await watched([token('let-me-in')], origin), '401');
});

test('health lists its checks when asked', async () => {
  assert.equal((await h2('/readyz')).text, 'ok');
  assert.equal((await h2('/readyz?verbose')).text, '[+]ping ok\n[+]etcd ok\nreadyz check passed\n');
  assert.equal((await h2('/readyz/etcd')).text, 'ok');
  assert.equal((await h2('/livez/ping')).text, 'ok');
  assert.equal(
    (await h2('/readyz?verbose&exclude=etcd&exclude=ping&exclude=b&exclude=a')).text,
    '[+]ping excluded: ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "a","b"\nreadyz check passed\n',
  );
  assert.equal((await h2('/readyz/nothing')).code, 404);
  assert.equal((await h2('/readyz/')).code, 404);
  assert.equal((await h2('/livez?verbose')).text, '[+]ping ok\n[+]etcd ok\nlivez check passed\n');
});

test('health checks are told by how they came out the last time, and counted', async () => {
  let broken = true;
  const check = (): void => {
    if (broken) throw new Error('not yet');
  };
  const { server: other } = gadgetServer({ readiness: [{ name: 'part', check }] });
  const listening = await other.listen({ port: 0, certificates });
  const { certificate: cert, key } = certificates.admin;
  const kept = session;
  session = connect(listening.url, { ca: certificates.authority, cert, key });
  try {
    assert.equal((await h2('/readyz?exclude=ping')).code, 500);
    broken = false;
    assert.equal((await h2('/readyz?exclude=ping')).code, 200);
    // One that is asked alone does not count.
    assert.equal((await h2('/livez/etcd')).code, 200);
    const { headers, text } = await h2('/metrics/slis');
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores');
    assert.deepEqual(
      text.split('\n').filter((line) => line.startsWith('kubernetes_')),
      [
        'kubernetes_healthcheck{name="etcd",type="readyz"} 1',
        'kubernetes_healthcheck{name="part",type="readyz"} 1',
        'kubernetes_healthchecks_total{name="etcd",status="success",type="readyz"} 2',
        'kubernetes_healthchecks_total{name="part",status="error",type="readyz"} 1',
        'kubernetes_healthchecks_total{name="part",status="success",type="readyz"} 1',
      ],
    );
    assert.match(text, /\nprocess_start_time_seconds \d+\n$/);
    assert.equal((await h2('/metrics/other')).code, 404);
  } finally {
    session.close();
    session = kept;
    await listening.stop();
  }
});

test('certificates are kept, private, and made again for new names', async () => {
  const again = await openCertificates({ directory, clock: systemClock });
  assert.equal(again.server.certificate, certificates.server.certificate);
  assert.equal((await stat(join(directory, 'ca.key'))).mode & 0o777, 0o600);
  const named = await openCertificates({ directory, clock: systemClock, names: ['example.test'] });
  assert.equal(named.authority, certificates.authority);
  assert.notEqual(named.server.certificate, certificates.server.certificate);
});

test('stopping ends watches cleanly and lets nobody in afterwards', async () => {
  const { server: other } = gadgetServer();
  const listening = await other.listen({ port: 0, certificates });
  const { certificate: cert, key } = certificates.admin;
  const client = connect(listening.url, { ca: certificates.authority, cert, key });
  client.on('error', () => {});
  const stream = client.request({ ':path': `${PATH}?watch=1` });
  await new Promise((resolve) => stream.once('response', resolve));
  const ended = new Promise((resolve) => stream.once('end', resolve));
  stream.resume();
  await listening.stop();
  await ended;
  client.close();
});

test('on another address those are let in who may, and are shown a certificate that is good for it', async () => {
  const ask = (localAddress: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const url = `https://127.0.0.9:${server.port}/version`;
      httpsRequest(url, { ca: certificates.authority, localAddress, agent: false }, (response) => {
        resolve(response.socket.remoteAddress ?? '');
        response.resume();
      })
        .on('error', reject)
        .end();
    });
  await assert.rejects(ask('127.0.0.7'), /ECONNREFUSED/);
  const pair = await certificates.serverFor(['127.0.0.9']);
  assert.equal(await certificates.serverFor(['127.0.0.9', 'localhost']), pair, 'it is good for both');
  await server.letIn('127.0.0.9', pair, (from) => from === '127.0.0.7');
  assert.equal(await ask('127.0.0.7'), '127.0.0.9');
  await assert.rejects(ask('127.0.0.8'), /ECONNRESET|socket hang up|disconnected/);
  assert.equal((await h1('/version')).code, 200, 'the first address answers on');
  const again = await openCertificates({ directory, clock: systemClock });
  assert.deepEqual(again.server, pair, 'the next start finds it');
});
