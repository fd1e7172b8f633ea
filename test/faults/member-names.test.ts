/** Names that mean something to JavaScript are names like any other, as keys, in patches, selectors and paths. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type HostileServer, startHostileServer } from '../harness/hostile-server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const JSON_TYPE = 'application/json';
const NAMES = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'valueOf'];

let server: HostileServer;

before(async () => {
  server = await startHostileServer();
});
after(async () => {
  await server[Symbol.asyncDispose]();
});

interface Answer {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at answers of every shape.
  readonly body: any;
}

async function ask(method: string, path: string, contentType = JSON_TYPE, body = ''): Promise<Answer> {
  const { code, text } = await server.overHttps({ name: path, method, path, contentType, body, code: 0 });
  return { code, body: JSON.parse(text) };
}

/** `{"a":"x","b":"x"}` for names that an object literal could not hold as they are. */
const members = (names: readonly string[], value: string): string =>
  `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;

async function dataOf(name: string): Promise<Record<string, string>> {
  const { body } = await ask('GET', `${MAPS}/${name}`);
  return body.data as Record<string, string>;
}

const pairs = (value: string): readonly string[] => NAMES.map((name) => `${name}=${value}`).sort();

async function pairsOf(name: string): Promise<readonly string[]> {
  return Object.entries(await dataOf(name))
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

function isUnharmed(): void {
  const plain: Record<string, unknown> = {};
  assert.equal(plain['polluted'], undefined);
  assert.equal(typeof plain['toString'], 'function');
  assert.deepEqual(server.faults, []);
}

test('every name is a key of a ConfigMap, through creation, each kind of patch and apply', async () => {
  const created = await ask(
    'POST',
    MAPS,
    JSON_TYPE,
    `{"metadata":{"name":"k"},"data":${members(NAMES, '1')}}`,
  );
  assert.equal(created.code, 201);
  assert.deepEqual(await pairsOf('k'), pairs('1'));
  const patches: readonly (readonly [type: string, value: string, body: string])[] = [
    ['merge-patch+json', '2', `{"data":${members(NAMES, '2')}}`],
    ['strategic-merge-patch+json', '3', `{"data":${members(NAMES, '3')}}`],
    [
      'json-patch+json',
      '4',
      `[${NAMES.map((name) => `{"op":"add","path":"/data/${name}","value":"4"}`).join(',')}]`,
    ],
    [
      'apply-patch+yaml',
      '5',
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: k}\ndata: ${members(NAMES, '5')}`,
    ],
  ];
  for (const [type, value, body] of patches) {
    const query = type.startsWith('apply') ? '?fieldManager=t&force=true' : '';
    const { code } = await ask('PATCH', `${MAPS}/k${query}`, `application/${type}`, body);
    assert.equal(code, 200, type);
    assert.deepEqual(await pairsOf('k'), pairs(value), type);
    isUnharmed();
  }
  const removals = NAMES.map((name) => `{"op":"remove","path":"/data/${name}"}`).join(',');
  assert.equal((await ask('PATCH', `${MAPS}/k`, 'application/json-patch+json', `[${removals}]`)).code, 200);
  assert.equal(await dataOf('k'), undefined);
});

test('YAML keys of every name are keys, anchors and merges included', async () => {
  const yaml = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n  <<: &a {__proto__: "1", constructor: "1"}\n  toString: "1"\n`;
  assert.equal((await ask('POST', MAPS, 'application/yaml', yaml)).code, 201);
  assert.deepEqual(Object.keys(await dataOf('yaml')).sort(), ['__proto__', 'constructor', 'toString']);
  isUnharmed();
});

test('labels of every name that Kubernetes takes are found by it, and by nothing that has no such label', async () => {
  const names = NAMES.filter((name) => name !== '__proto__');
  const labels = members(names, 'x');
  await ask('POST', MAPS, JSON_TYPE, `{"metadata":{"name":"labelled","labels":${labels}}}`);
  await ask('POST', MAPS, JSON_TYPE, '{"metadata":{"name":"bare","labels":{"a":"b"}}}');
  for (const name of names) {
    for (const selector of [name, `${name}=x`, `${name} in (x,y)`]) {
      const { body } = await ask('GET', `${MAPS}?labelSelector=${encodeURIComponent(selector)}`);
      const found = (body.items as { metadata: { name: string } }[]).map((each) => each.metadata.name);
      assert.deepEqual(found, ['labelled'], selector);
    }
    const { body } = await ask('GET', `${MAPS}?labelSelector=${encodeURIComponent(`!${name},a`)}`);
    assert.deepEqual(
      (body.items as { metadata: { name: string } }[]).map((each) => each.metadata.name),
      ['bare'],
    );
  }
  const { code, body } = await ask(
    'POST',
    MAPS,
    JSON_TYPE,
    '{"metadata":{"name":"l","labels":{"__proto__":"x"}}}',
  );
  assert.equal(code, 422);
  assert.match(
    body.message as string,
    /metadata\.labels: Invalid value: "__proto__": name part must consist/,
  );
});

test('paths and members of those names lead nowhere', async () => {
  await ask('POST', MAPS, JSON_TYPE, '{"metadata":{"name":"target"},"data":{"a":"b"}}');
  const patches = [
    '[{"op":"add","path":"/__proto__/polluted","value":"x"}]',
    '[{"op":"add","path":"/metadata/constructor/prototype/polluted","value":"x"}]',
    '[{"op":"copy","from":"/data","path":"/constructor/prototype"}]',
    '[{"op":"move","from":"/__proto__","path":"/data/x"}]',
  ];
  for (const body of patches) {
    assert.equal((await ask('PATCH', `${MAPS}/target`, 'application/json-patch+json', body)).code, 422, body);
  }
  for (const type of ['merge-patch+json', 'strategic-merge-patch+json']) {
    const body = '{"__proto__":{"polluted":"x"},"constructor":{"prototype":{"polluted":"x"}}}';
    assert.equal((await ask('PATCH', `${MAPS}/target`, `application/${type}`, body)).code, 200);
  }
  const posted =
    '{"__proto__":{"polluted":1},"metadata":{"name":"m","__proto__":{"name":"other"}},"constructor":1}';
  const { code, body } = await ask('POST', MAPS, JSON_TYPE, posted);
  assert.deepEqual([code, body.metadata.name], [201, 'm']);
  for (const path of ['/api/v1/constructor', '/api/v1/namespaces/default/pods/x/__proto__']) {
    assert.equal((await ask('GET', path)).code, 404, path);
  }
  assert.deepEqual((await ask('GET', '/api/v1/namespaces/__proto__/pods')).body.items, []);
  assert.equal((await ask('GET', `${MAPS}?fieldSelector=metadata.__proto__%3Dx`)).code, 400);
  isUnharmed();
});
