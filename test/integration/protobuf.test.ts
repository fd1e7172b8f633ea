/**
 * Kubernetes' protobuf over HTTPS. What the server writes is read twice: by this project's own decoder, for every kind, and
 * by @bufbuild/protobuf with a description of a few messages that was written for this test.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { create, createFileRegistry, type DescMessage, fromBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { parseExactJson } from '../../src/apimachinery/exact-json.ts';
import { loadFieldNumbers } from '../../src/apis/openapi/field-numbers.ts';
import { schemas } from '../../src/apis/openapi/index.ts';
import { MessageTypes, ProtobufDecoder, ProtobufEncoder } from '../../src/apiserver/protobuf/index.ts';
import { silent } from '../../src/client/testing/silent-log.ts';
import { openDataDirectory } from '../../src/cluster/data-directory/data-directory.ts';
import { type Server, startServer } from '../../src/cluster/server/server.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const META = 'g=meta.k8s.io;v=v1';

const root = mkdtempSync(join(tmpdir(), 'longshore-protobuf-'));
let server: Server;

before(async () => {
  const log = silent;
  const listen = { address: '127.0.0.1', port: 0 };
  server = await startServer({ data: openDataDirectory(root), store: 'memory', listen, log });
});
after(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  readonly code: number | undefined;
  readonly type: string | undefined;
  readonly encoding: string | undefined;
  readonly bytes: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly accept?: string;
  readonly body?: string | Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function open(
  path: string,
  { method = 'GET', accept = JSON_TYPE, body, type = JSON_TYPE, headers = {} }: Asked,
): Promise<IncomingMessage> {
  const { ca, cert, key } = server.adminAccess;
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, {
      method,
      agent: false,
      headers: {
        accept,
        ...(body !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
        ...headers,
      },
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end(body);
  });
}

async function ask(path: string, asked: Asked = {}): Promise<Answer> {
  const answer = await open(path, asked);
  const bytes = Buffer.concat(await answer.toArray());
  const { 'content-type': type, 'content-encoding': encoding } = answer.headers;
  return { code: answer.statusCode, type, encoding, bytes };
}

const job = (name: string): Record<string, unknown> => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name, labels: { b: '2', a: '1' }, annotations: { empty: '' } },
  spec: {
    suspend: true,
    parallelism: 0,
    activeDeadlineSeconds: 4_294_967_296,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'c',
            image: 'i',
            command: ['x', ''],
            resources: { limits: { cpu: '1500m', memory: '64Mi' } },
            readinessProbe: { httpGet: { port: 'web' } },
            livenessProbe: { tcpSocket: { port: 80 } },
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    },
  },
});

/** Fields `name number` (`name number *` for a list) of texts, whole numbers (`#`), or messages (`= Type`). */
const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  Unknown: ['typeMeta 1 = TypeMeta', 'raw 2 = Job', 'contentEncoding 3', 'contentType 4'],
  TypeMeta: ['apiVersion 1', 'kind 2'],
  Job: ['metadata 1 = ObjectMeta', 'spec 2 = JobSpec', 'status 3 = JobStatus'],
  ObjectMeta: [
    'name 1',
    'generateName 2',
    'namespace 3',
    'uid 5',
    'resourceVersion 6',
    'generation 7 #',
    'creationTimestamp 8 = Time',
    'labels 11 * = Entry',
    'annotations 12 * = Entry',
  ],
  Time: ['seconds 1 #', 'nanos 2 #'],
  Entry: ['key 1', 'value 2'],
  JobSpec: [
    'parallelism 1 #',
    'completions 2 #',
    'activeDeadlineSeconds 3 #',
    'template 6 = Template',
    'suspend 10 #',
  ],
  JobStatus: ['active 4 #', 'succeeded 5 #', 'failed 6 #'],
  Template: ['metadata 1 = ObjectMeta', 'spec 2 = PodSpec'],
  PodSpec: ['volumes 1 * = Volume', 'containers 2 * = Container', 'restartPolicy 3'],
  Volume: ['name 1', 'source 2 = VolumeSource'],
  VolumeSource: ['hostPath 1 = EmptyDir', 'emptyDir 2 = EmptyDir'],
  EmptyDir: ['medium 1'],
  Container: [
    'name 1',
    'image 2',
    'command 3 *',
    'workingDir 5',
    'resources 8 = Resources',
    'livenessProbe 10 = Probe',
    'readinessProbe 11 = Probe',
  ],
  Resources: ['limits 1 * = Amount'],
  Amount: ['key 1', 'value 2 = Quantity'],
  Quantity: ['string 1'],
  Probe: ['handler 1 = Handler', 'initialDelaySeconds 2 #', 'periodSeconds 4 #'],
  Handler: ['httpGet 2 = HttpGet', 'tcpSocket 3 = TcpSocket'],
  HttpGet: ['path 1', 'port 2 = IntOrString'],
  TcpSocket: ['port 1 = IntOrString'],
  IntOrString: ['type 1 #', 'intVal 2 #', 'strVal 3'],
  WatchEvent: ['type 1', 'object 2 = RawExtension'],
  RawExtension: ['raw 1 bytes'],
};

function described(name: string): DescMessage {
  const messageType = Object.entries(MESSAGES).map(([message, fields]) => ({
    name: message,
    field: fields.map((text) => {
      const [field = '', number = '', ...rest] = text.split(' ');
      const reference = rest.includes('=') ? rest.at(-1) : undefined;
      const plain = rest.includes('#') ? Type.INT64 : rest.includes('bytes') ? Type.BYTES : Type.STRING;
      return {
        name: field,
        number: Number(number),
        label: rest.includes('*') ? Label.REPEATED : Label.OPTIONAL,
        type: reference === undefined ? plain : Type.MESSAGE,
        ...(reference !== undefined && { typeName: `.t.${reference}` }),
      };
    }),
  }));
  const file = { name: 't.proto', package: 't', syntax: 'proto2', messageType };
  const found = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getMessage(`t.${name}`);
  assert.ok(found !== undefined);
  return found;
}

/** What an independent reader finds; only what is on the wire. */
function read(name: string, bytes: Uint8Array): Record<string, unknown> {
  const plain = (value: unknown): unknown => {
    if (typeof value === 'bigint') return Number(value);
    if (Array.isArray(value)) return value.map(plain);
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
    const members = Object.entries(value).filter(([key]) => !key.startsWith('$'));
    return Object.fromEntries(members.map(([key, member]) => [key, plain(member)]));
  };
  return plain(fromBinary(described(name), bytes)) as Record<string, unknown>;
}

test('an independent reader finds a Job as it was created', async () => {
  const made = await ask(JOBS, { method: 'POST', accept: PROTOBUF, body: JSON.stringify(job('read')) });
  assert.deepEqual([made.code, made.type], [201, PROTOBUF]);
  assert.equal(made.bytes.subarray(0, 4).toString('latin1'), 'k8s\0');
  const { typeMeta, raw, contentType } = read('Unknown', made.bytes.subarray(4)) as {
    typeMeta: object;
    // biome-ignore lint/suspicious/noExplicitAny: looked at part by part.
    raw: any;
    contentType: string;
  };
  assert.deepEqual([typeMeta, contentType], [{ apiVersion: 'batch/v1', kind: 'Job' }, '']);
  const { metadata, spec, status } = raw;
  const stored = JSON.parse((await ask(`${JOBS}/read`)).bytes.toString());
  assert.equal(metadata.uid, stored.metadata.uid);
  assert.equal(metadata.creationTimestamp.seconds, Date.parse(stored.metadata.creationTimestamp) / 1000);
  assert.deepEqual(metadata.annotations, [{ key: 'empty', value: '' }]);
  assert.deepEqual(
    metadata.labels.map(({ key }: { key: string }) => key),
    Object.keys(stored.metadata.labels).sort(),
  );
  assert.equal(metadata.generateName, '', 'what is no pointer is on the wire even when it is empty');
  assert.deepEqual([spec.parallelism, spec.activeDeadlineSeconds, spec.suspend], [0, 4_294_967_296, 1]);
  assert.deepEqual(status, { active: 0, succeeded: 0, failed: 0 });
  const { containers, volumes } = spec.template.spec;
  assert.deepEqual(volumes, [{ name: 'v', source: { emptyDir: { medium: '' } } }]);
  assert.deepEqual(containers[0].command, ['x', '']);
  assert.deepEqual(containers[0].resources.limits, [
    { key: 'cpu', value: { string: '1500m' } },
    { key: 'memory', value: { string: '64Mi' } },
  ]);
  assert.deepEqual(containers[0].readinessProbe.handler.httpGet.port, { type: 1, intVal: 0, strVal: 'web' });
  assert.deepEqual(containers[0].livenessProbe.handler.tcpSocket.port, { type: 0, intVal: 80, strVal: '' });
});

/** A list as JSON and as protobuf say it, both in the form in which Go would write it. */
async function bothWays(path: string, decoder: ProtobufDecoder): Promise<readonly [object, object]> {
  const json = parseExactJson((await ask(path)).bytes.toString()) as Record<string, unknown>;
  const type = String(json['apiVersion']);
  const id = Object.keys(schemas.definitions).find((each) =>
    schemas.definitions[each]?.['x-kubernetes-group-version-kind']?.some(
      ({ group, version, kind }) =>
        kind === json['kind'] && (group === '' ? version : `${group}/${version}`) === type,
    ),
  );
  const { code, bytes } = await ask(path, { accept: PROTOBUF });
  assert.equal(code, 200, path);
  if (id === undefined) return [json['items'] as object, []]; // A list of a kind that has no objects here.
  const back = { items: [], ...decoder.decode(bytes, () => id) };
  return [schemas.kind(id).decode(json).object, schemas.kind(id).decode(back).object];
}

test('a list of every kind says in protobuf what it says in JSON', async () => {
  const { wire, definitions } = schemas;
  const numbers = await loadFieldNumbers();
  const decoder = new ProtobufDecoder(new MessageTypes({ definitions, wire, numbers }));
  const { groups } = JSON.parse((await ask('/apis')).bytes.toString()) as {
    groups: { versions: { groupVersion: string }[] }[];
  };
  const versions = groups.flatMap((group) => group.versions.map((each) => `/apis/${each.groupVersion}`));
  let lists = 0;
  for (const path of ['/api/v1', ...versions]) {
    const { resources } = JSON.parse((await ask(path)).bytes.toString()) as {
      resources: { name: string; verbs: string[] }[];
    };
    for (const { name, verbs } of resources) {
      if (!verbs.includes('list')) continue;
      let [json, protobuf] = await bothWays(`${path}/${name}`, decoder);
      // The world may move between the two requests.
      for (let again = 0; again < 5 && !isDeepStrictEqual(json, protobuf); again++) {
        [json, protobuf] = await bothWays(`${path}/${name}`, decoder);
      }
      assert.deepEqual(protobuf, json, name);
      lists++;
    }
  }
  assert.ok(lists > 20, `${lists} lists`);
});

test('bodies in protobuf come back as they went', async () => {
  const first = await ask(JOBS, { method: 'POST', accept: PROTOBUF, body: JSON.stringify(job('first')) });
  await ask(`${JOBS}/first`, { method: 'DELETE', body: '{"propagationPolicy":"Background"}' });
  const copy = Buffer.from(first.bytes);
  const again = await ask(`${JOBS}/read`, { method: 'PUT', type: PROTOBUF, accept: PROTOBUF, body: copy });
  assert.deepEqual([again.code, again.type], [400, PROTOBUF], 'another name');
  const read = await ask(`${JOBS}/read`, { accept: PROTOBUF });
  const put = await ask(`${JOBS}/read`, {
    method: 'PUT',
    type: PROTOBUF,
    accept: PROTOBUF,
    body: read.bytes,
  });
  assert.deepEqual(put.bytes, read.bytes, 'nothing has changed');
});

test('bodies that are no resource come in protobuf too, with or without their type', async () => {
  const { wire, definitions } = schemas;
  const numbers = await loadFieldNumbers();
  const encoder = new ProtobufEncoder(new MessageTypes({ definitions, wire, numbers }));
  const send = async (
    method: string,
    path: string,
    body: Uint8Array,
  ): Promise<[number | undefined, string]> => {
    const { code, bytes } = await ask(path, { method, type: PROTOBUF, body });
    return [code, JSON.parse(bytes.toString()).message];
  };
  const token = 'io.k8s.api.authentication.v1.TokenRequest';
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const request = (type: string, kind: string) => encoder.encode(token, type, kind, { spec: {} });
  const missing = 'serviceaccounts "default" not found';
  assert.deepEqual(await send('POST', path, request('', '')), [404, missing]);
  assert.deepEqual(await send('POST', path, request('nope.io/v1', 'TokenRequest')), [
    400,
    'TokenRequest in version "v1" cannot be handled as a TokenRequest: no kind "TokenRequest" is registered for version "nope.io/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ]);
  const eviction = encoder.encode('io.k8s.api.policy.v1.Eviction', 'policy/v1beta1', 'Eviction', {
    metadata: { name: 'none' },
  });
  const evict = '/api/v1/namespaces/default/pods/none/eviction';
  assert.deepEqual(await send('POST', evict, eviction), [404, 'pods "none" not found']);
  const options = (kind: string) =>
    encoder.encode('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'v1', kind, {});
  assert.deepEqual(await send('POST', path, options('DeleteOptions')), [
    400,
    'DeleteOptions in version "v1" cannot be handled as a TokenRequest: converting (v1.DeleteOptions) to (authentication.TokenRequest): unknown conversion',
  ]);
  assert.deepEqual(await send('DELETE', `${JOBS}/none`, options('CreateOptions')), [
    400,
    'converting (v1.CreateOptions) to (v1.DeleteOptions): unknown conversion',
  ]);
  assert.match((await send('DELETE', `${JOBS}/none`, options('Nope')))[1], /^no kind "Nope" is registered/);
  assert.deepEqual(await send('DELETE', `${JOBS}/none`, Buffer.from('k8s\0')), [400, 'empty body']);
});

test('a review is answered with whoever asked as the owner of what it asks', async () => {
  const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews?fieldManager=me';
  const sent = {
    metadata: { namespace: 'dropped' },
    spec: { user: 'x', nonResourceAttributes: { path: '/a' } },
  };
  const { bytes } = await ask(reviews, { method: 'POST', body: JSON.stringify(sent) });
  const { metadata } = JSON.parse(bytes.toString());
  const [{ time, ...entry }] = metadata.managedFields;
  assert.ok(Date.parse(time) > 0);
  assert.deepEqual(
    { ...metadata, managedFields: [entry] },
    {
      managedFields: [
        {
          manager: 'me',
          operation: 'Update',
          apiVersion: 'authorization.k8s.io/v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:spec': { 'f:nonResourceAttributes': { '.': {}, 'f:path': {} }, 'f:user': {} } },
        },
      ],
    },
  );
  const local = '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews';
  const elsewhere = await ask(local, { method: 'POST', body: JSON.stringify(sent) });
  assert.match(elsewhere.bytes.toString(), /does not match the namespace sent on the request/);
});

test('where upstream has no table or no aggregated document, whoever asks for nothing else gets 406', async () => {
  const table = `${JSON_TYPE};as=Table;${META}`;
  const body = JSON.stringify({ metadata: { name: 'default' }, spec: { finalizers: ['kubernetes'] } });
  const finalize = '/api/v1/namespaces/default/finalize?dryRun=All';
  assert.equal((await ask(finalize, { method: 'PUT', accept: table, body })).code, 406);
  assert.equal((await ask(finalize, { method: 'PUT', accept: `${table},${JSON_TYPE}`, body })).code, 200);
  const accept = `${JSON_TYPE};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`;
  assert.equal((await ask('/apis/', { accept })).code, 406);
  assert.equal((await ask('/api/', { accept })).code, 200);
});

test('a watch sends frames: events, metadata alone, and the error that ends it', async () => {
  const watched = await open(`${JOBS}?watch=1&fieldSelector=metadata.name%3Dread`, {
    accept: `${PROTOBUF};stream=watch`,
  });
  assert.equal(watched.headers['content-type'], `${PROTOBUF};stream=watch`);
  const [event] = await frames(watched, 1);
  watched.destroy();
  assert.ok(event !== undefined);
  assert.equal(event['type'], 'ADDED');
  const { raw } = event['object'] as { raw: Uint8Array };
  const { bytes } = await ask(`${JOBS}/read`, { accept: PROTOBUF });
  assert.deepEqual(Buffer.from(raw), bytes, 'an event holds what a get answers');

  const partial = `${PROTOBUF};as=PartialObjectMetadata;${META}`;
  const metadata = await open(`${JOBS}?watch=1&fieldSelector=metadata.name%3Dread`, { accept: partial });
  const [shown] = await frames(metadata, 1);
  metadata.destroy();
  assert.ok(shown !== undefined);
  const one = await ask(`${JOBS}/read`, { accept: partial });
  assert.deepEqual(Buffer.from((shown['object'] as { raw: Uint8Array }).raw), one.bytes);
});

async function frames(stream: IncomingMessage, count: number): Promise<Record<string, unknown>[]> {
  let bytes = Buffer.alloc(0);
  const events: Record<string, unknown>[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) {
      const end = 4 + bytes.readUInt32BE();
      events.push(read('WatchEvent', bytes.subarray(4, end)));
      bytes = bytes.subarray(end);
    }
    if (events.length >= count) break;
  }
  return events;
}

test('errors come in protobuf, tables do not', async () => {
  const missing = await ask(`${JOBS}/missing`, { accept: PROTOBUF });
  assert.deepEqual([missing.code, missing.type], [404, PROTOBUF]);
  assert.ok(missing.bytes.toString('latin1').startsWith('k8s\0\n\x0c\n\x02v1\x12\x06Status'));
  assert.match(missing.bytes.toString(), /jobs\.batch "missing" not found/);
  const table = await ask(JOBS, { accept: `${PROTOBUF};as=Table;${META}` });
  assert.deepEqual([table.code, table.type], [406, JSON_TYPE]);
  const fallback = await ask(JOBS, { accept: `${PROTOBUF};as=Table;${META},${JSON_TYPE}` });
  assert.deepEqual([fallback.code, fallback.type], [200, JSON_TYPE]);
  const broken = await ask(JOBS, { method: 'POST', type: PROTOBUF, body: 'xx' });
  assert.match(
    broken.bytes.toString(),
    /the object provided is unrecognized \(must be of type Job\): provided data does not appear to be a protobuf message, expected prefix \[107 56 115 0\] \(7878\)/,
  );
  const unknown = await ask(JOBS, { method: 'POST', type: PROTOBUF, body: 'k8s\0\n\x07\n\x02v1\x12\x01X' });
  assert.match(
    unknown.bytes.toString(),
    /X in version \\"v1\\" cannot be handled as a Job: no kind \\"X\\" is registered/,
  );
});

test('discovery names a group in the bytes of Kubernetes', async () => {
  const { code, type, bytes } = await ask('/apis/batch', { accept: PROTOBUF });
  assert.deepEqual([code, type], [200, PROTOBUF]);
  const version = '\n\x08batch/v1\x12\x02v1';
  const group = `\n\x05batch\x12\x0e${version}\x1a\x0e${version}`;
  const envelope = `k8s\0\n\x0e\n\x02v1\x12\x08APIGroup\x12\x27${group}\x1a\0"\0`;
  assert.equal(bytes.toString('latin1'), envelope);
});

test('a large answer is compressed for who can read it', async () => {
  const big = { metadata: { name: 'big' }, data: { text: 'x'.repeat(200_000) } };
  const path = '/api/v1/namespaces/default/configmaps';
  await ask(path, { method: 'POST', body: JSON.stringify(big) });
  const headers = { 'accept-encoding': 'gzip' };
  const answer = await ask(`${path}/big`, { accept: PROTOBUF, headers });
  assert.deepEqual([answer.code, answer.encoding], [200, 'gzip']);
  assert.ok(answer.bytes.length < 10_000);
});
