import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepEqualJson, freezeDeep, type JsonObject } from '../json.ts';
import { type Definition, SchemaSet } from '../schema/index.ts';
import { StatusError } from '../status-error.ts';
import { FieldSet } from './field-set.ts';
import { applyConfiguration, type FieldEndpoint, trackChange } from './index.ts';

const text: Definition = { type: 'string' };
const texts = (listType?: string): Definition => ({
  type: 'array',
  items: text,
  ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
});
const ref = (name: string): Definition => ({ $ref: `#/definitions/x.v1.${name}` });
const struct = (properties: Record<string, Definition>): Definition => ({ type: 'object', properties });

const schemas = new SchemaSet(
  {
    'x.v1.Thing': struct({
      apiVersion: text,
      kind: text,
      metadata: ref('Meta'),
      spec: ref('Spec'),
      status: ref('Status'),
    }),
    'x.v1.Meta': struct({
      name: text,
      namespace: text,
      uid: text,
      labels: { type: 'object', additionalProperties: text },
      annotations: { type: 'object', additionalProperties: text },
      finalizers: texts('set'),
      managedFields: { type: 'array', items: ref('Entry') },
    }),
    'x.v1.Entry': struct({
      manager: text,
      operation: text,
      apiVersion: text,
      time: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' },
      fieldsType: text,
      fieldsV1: {},
      subresource: text,
    }),
    'x.v1.Spec': struct({
      schedule: text,
      replicas: { type: 'integer', format: 'int32' },
      args: texts('atomic'),
      parts: {
        type: 'array',
        items: ref('Part'),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
      ports: {
        type: 'array',
        items: ref('Port'),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['port', 'protocol'],
      },
      selector: { type: 'object', additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
    }),
    'x.v1.Part': struct({ name: text, image: text, env: texts('set') }),
    'x.v1.Port': struct({
      port: { type: 'integer', format: 'int32' },
      protocol: { type: 'string', default: 'TCP' },
      name: text,
    }),
    'x.v1.Status': struct({ phase: text }),
  },
  {},
);

const kind = schemas.kind('x.v1.Thing');
const endpoint: FieldEndpoint = {
  schema: kind,
  apiVersion: 'x/v1',
  kind: 'Thing',
  resetFields: [['status']],
};
const TIME = '2026-01-01T00:00:00Z';
const LATER = '2026-01-02T00:00:00Z';

const thing = (spec: object, metadata: object = {}): JsonObject =>
  freezeDeep({ apiVersion: 'x/v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, spec });

const apply = (
  live: object | undefined,
  config: object,
  manager: string,
  force = false,
  time = TIME,
): JsonObject => {
  const { object } = applyConfiguration(live, config, endpoint, { manager, time, force });
  return freezeDeep(kind.decode(object).object);
};

const created = (object: object, manager: string): JsonObject => {
  const managedFields = trackChange(undefined, object, endpoint, { manager, time: TIME });
  const { metadata } = object as { metadata: object };
  return freezeDeep({ ...object, metadata: { ...metadata, managedFields } });
};

const specOf = (object: JsonObject): JsonObject => object['spec'] as JsonObject;
const entries = (
  object: JsonObject,
): readonly { manager: string; operation: string; fieldsV1: object; time: string }[] =>
  ((object['metadata'] as JsonObject)['managedFields'] ?? []) as never;
const fieldsOf = (object: JsonObject, manager: string): object | undefined =>
  entries(object).find((entry) => entry.manager === manager)?.fieldsV1;

const conflict = (work: () => unknown): StatusError => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
};

test('the first apply owns what it sets, and nothing of what identifies the object', () => {
  const object = apply(
    undefined,
    thing({ schedule: '@daily', parts: [{ name: 'p', image: 'i' }], args: ['x'] }, { labels: { a: '1' } }),
    'm1',
  );
  assert.deepEqual(entries(object), [
    {
      manager: 'm1',
      operation: 'Apply',
      apiVersion: 'x/v1',
      time: TIME,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': { 'f:a': {} } },
        'f:spec': {
          'f:args': {},
          'f:schedule': {},
          'f:parts': { 'k:{"name":"p"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
        },
      },
    },
  ]);
});

test('applying the same again changes nothing, not even the time', () => {
  const config = thing({ schedule: '@daily' });
  const once = apply(undefined, config, 'm1');
  assert.deepEqual(apply(once, config, 'm1', false, LATER), once);
});

test('an apply that changes what another applied is a conflict, worded as Kubernetes does', () => {
  const live = apply(undefined, thing({ schedule: '0 0 * * *' }), 'm1');
  const { status } = conflict(() => apply(live, thing({ schedule: '@daily' }), 'm2'));
  assert.equal(status.message, 'Apply failed with 1 conflict: conflict with "m1": .spec.schedule');
  assert.equal(status.code, 409);
  assert.equal(status.reason, 'Conflict');
  assert.deepEqual(status.details, {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.spec.schedule' }],
  });
});

test('several conflicts are listed by manager', () => {
  const live = created(
    thing({ schedule: '@daily', replicas: 1, parts: [{ name: 'p', image: 'i' }] }),
    'kubectl-create',
  );
  const shared = apply(live, thing({ replicas: 1 }), 'm1');
  const config = thing({ schedule: '@hourly', replicas: 2, parts: [{ name: 'p', image: 'j' }] });
  assert.equal(
    conflict(() => apply(shared, config, 'm2')).message,
    [
      'Apply failed with 4 conflicts: conflicts with "kubectl-create" using x/v1:',
      '- .spec.replicas',
      '- .spec.schedule',
      '- .spec.parts[name="p"].image',
      'conflicts with "m1":',
      '- .spec.replicas',
    ].join('\n'),
  );
});

test('force takes what others own', () => {
  const live = apply(undefined, thing({ schedule: '@daily', replicas: 1 }), 'm1');
  const taken = apply(live, thing({ schedule: '@hourly' }), 'm2', true, LATER);
  assert.equal(specOf(taken)['schedule'], '@hourly');
  assert.deepEqual(fieldsOf(taken, 'm1'), { 'f:spec': { 'f:replicas': {} } });
  assert.deepEqual(fieldsOf(taken, 'm2'), { 'f:spec': { 'f:schedule': {} } });
});

test('two managers merge maps and lists, and own the same value together', () => {
  const live = apply(undefined, thing({ parts: [{ name: 'p', image: 'i' }] }, { labels: { a: '1' } }), 'm1');
  const both = apply(
    live,
    thing({ parts: [{ name: 'q', image: 'j' }] }, { labels: { a: '1', b: '2' } }),
    'm2',
  );
  assert.deepEqual(specOf(both)['parts'], [
    { name: 'p', image: 'i' },
    { name: 'q', image: 'j' },
  ]);
  assert.deepEqual((both['metadata'] as JsonObject)['labels'], { a: '1', b: '2' });
  const left = apply(both, thing({ parts: [{ name: 'q', image: 'j' }] }, { labels: { b: '2' } }), 'm2');
  assert.deepEqual((left['metadata'] as JsonObject)['labels'], { a: '1', b: '2' }, 'm1 still owns a');
});

test('what an applier no longer names goes, unless somebody else owns it', () => {
  const live = apply(
    undefined,
    thing({
      schedule: '@daily',
      replicas: 2,
      parts: [{ name: 'p', image: 'i', env: ['A', 'B'] }, { name: 'q' }],
    }),
    'm1',
  );
  const dropped = apply(
    live,
    thing({ schedule: '@daily', parts: [{ name: 'p', image: 'i', env: ['B'] }] }),
    'm1',
  );
  assert.deepEqual(specOf(dropped), { schedule: '@daily', parts: [{ name: 'p', image: 'i', env: ['B'] }] });
  const shared = apply(live, thing({ replicas: 2, parts: [{ name: 'q' }] }), 'm2');
  const kept = apply(shared, thing({ schedule: '@daily' }), 'm1');
  assert.deepEqual(specOf(kept), { schedule: '@daily', replicas: 2, parts: [{ name: 'q' }] });
});

test('what an update added inside of an item survives the applier, the item does not survive its owner', () => {
  const live = apply(undefined, thing({ parts: [{ name: 'p', image: 'i' }] }), 'm1');
  const next = { ...live, spec: { parts: [{ name: 'p', image: 'i', env: ['X'] }] } };
  const managedFields = trackChange(live, next, endpoint, { manager: 'editor', time: LATER });
  const edited = freezeDeep({ ...next, metadata: { ...(live['metadata'] as object), managedFields } });
  const again = apply(edited, thing({ parts: [{ name: 'p', image: 'i2' }] }), 'm1');
  assert.deepEqual(specOf(again)['parts'], [{ name: 'p', image: 'i2', env: ['X'] }]);
});

test("an update takes fields without conflict, and what it removes is nobody's", () => {
  const live = apply(undefined, thing({ schedule: '@daily', replicas: 1 }), 'm1');
  const next = { ...live, spec: { schedule: '@hourly' } };
  const managedFields = trackChange(live, next, endpoint, { manager: 'kubectl-edit', time: LATER });
  assert.deepEqual(
    managedFields?.map(({ manager, operation, fieldsV1, time }) => [manager, operation, fieldsV1, time]),
    [['kubectl-edit', 'Update', { 'f:spec': { 'f:schedule': {} } }, LATER]],
  );
});

test('who creates an object owns no struct that Go writes even when nothing is set', () => {
  const blank = { metadata: {}, spec: { parts: null } };
  const object = thing({ parts: [{ name: 'p' }], ports: [{ port: 1 }] });
  const from = { ...endpoint, blank };
  assert.deepEqual(trackChange(undefined, object, from, { manager: 'm', time: TIME })?.[0]?.fieldsV1, {
    'f:spec': {
      'f:parts': { 'k:{"name":"p"}': { '.': {}, 'f:name': {} } },
      'f:ports': { '.': {}, 'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
    },
  });
});

test('an apply of nothing has no type', () => {
  const applier = { manager: 'm', time: TIME, force: false };
  assert.throws(() => applyConfiguration(undefined, null, endpoint, applier), {
    message: 'invalid object type: /, Kind=',
  });
});

test('through an endpoint nobody comes to own what it resets', () => {
  const object = { ...thing({ replicas: 1 }), status: { phase: 'Running' } };
  assert.deepEqual(trackChange(undefined, object, endpoint, { manager: 'm', time: TIME })?.[0]?.fieldsV1, {
    'f:spec': { '.': {}, 'f:replicas': {} },
  });
  const status: FieldEndpoint = { ...endpoint, subresource: 'status', resetFields: [['spec']] };
  const live = created(thing({ replicas: 1 }), 'm');
  const changed = { ...live, spec: {}, status: { phase: 'Done' } };
  assert.deepEqual(
    trackChange(live, changed, status, { manager: '', time: TIME })?.map((entry) => [
      entry.manager,
      entry.subresource,
      entry.fieldsV1,
    ]),
    [
      ['m', undefined, { 'f:spec': { '.': {}, 'f:replicas': {} } }],
      ['unknown', 'status', { 'f:status': { '.': {}, 'f:phase': {} } }],
    ],
  );
});

test('an object that nobody was tracked on stays so until it is applied to', () => {
  const live = thing({ schedule: '@daily' }, { uid: 'u' });
  const next = thing({ schedule: '@hourly' }, { uid: 'u' });
  assert.equal(trackChange(live, next, endpoint, { manager: 'm', time: TIME }), undefined);
  assert.equal(
    conflict(() => apply(live, thing({ schedule: '@hourly' }), 'm1')).message,
    'Apply failed with 1 conflict: conflict with "before-first-apply" using x/v1: .spec.schedule',
  );
  const applied = apply(live, thing({ schedule: '@daily' }), 'm1');
  assert.deepEqual(
    entries(applied).map(({ manager }) => manager),
    ['m1', 'before-first-apply'],
  );
});

test('an update with an empty list of managedFields gives up all ownership', () => {
  const live = apply(undefined, thing({ schedule: '@daily' }), 'm1');
  const next = thing({ schedule: '@daily' }, { managedFields: [] });
  assert.equal(trackChange(live, next, endpoint, { manager: 'm', time: TIME }), undefined);
});

test('more than ten updaters are joined into one', () => {
  let object = created(thing({ replicas: 0 }), 'm0');
  for (let at = 1; at <= 14; at++) {
    const next = thing({ ...specOf(object), parts: [{ name: `p${at}` }] }, { labels: { [`l${at}`]: 'x' } });
    const previous = object;
    const labels = { ...((previous['metadata'] as JsonObject)['labels'] as object), [`l${at}`]: 'x' };
    const grown = { ...next, metadata: { ...(next['metadata'] as object), labels } };
    const time = `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`;
    const managedFields = trackChange(previous, grown, endpoint, { manager: `m${at}`, time });
    object = { ...grown, metadata: { ...grown.metadata, managedFields } };
  }
  assert.equal(entries(object).length, 10);
  assert.ok(entries(object).some(({ manager }) => manager === 'ancient-changes'));
});

test('a configuration that does not fit its kind is answered as Kubernetes does', () => {
  const place = 'failed to create typed patch object (/a; x/v1, Kind=Thing): ';
  const cases: readonly (readonly [object, string])[] = [
    [
      thing({ parts: [{ name: 'c' }, { name: 'c' }] }),
      `${place}.spec.parts: duplicate entries for key [name="c"]`,
    ],
    [thing({ bogus: 1 }), `${place}.spec.bogus: field not declared in schema`],
    [thing({ replicas: 'x' }), `${place}.spec.replicas: expected numeric (int or float), got string`],
    [
      thing({ schedule: 1 }),
      `${place}.spec.schedule: expected string, got &value.valueUnstructured{Value:1}`,
    ],
    [thing({ parts: {} }), `${place}.spec.parts: expected list, got &{map[]}`],
    [
      thing({ parts: [{ image: 'x' }] }),
      `${place}.spec.parts: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    ],
    [
      thing({ bogus: 1 }, { odd: 1 }),
      `${place}errors:\n  .metadata.odd: field not declared in schema\n  .spec.bogus: field not declared in schema`,
    ],
  ];
  for (const [config, message] of cases) {
    const { status } = conflict(() => apply(undefined, config, 'm'));
    assert.deepEqual([status.code, status.message], [500, message]);
  }
  const { status } = conflict(() => apply(undefined, { ...thing({}), kind: 'Other' }, 'm'));
  assert.deepEqual([status.code, status.message], [400, 'invalid object type: x/v1, Kind=Other']);
  const managed = conflict(() => apply(undefined, thing({}, { managedFields: [] }), 'm'));
  assert.equal(managed.message, 'metadata.managedFields must be nil');
});

test('a configuration may have null for its metadata', () => {
  const live = apply(undefined, thing({ schedule: '@daily' }), 'm1');
  const object = apply(live, { ...thing({ schedule: '@daily' }), metadata: null }, 'm2');
  assert.deepEqual(fieldsOf(object, 'm2'), { 'f:spec': { 'f:schedule': {} } });
});

test('managedFields that cannot be read are none in a configuration', () => {
  const object = apply(undefined, thing({ schedule: '@daily' }, { managedFields: [null] }), 'm');
  assert.deepEqual(
    entries(object).map(({ manager }) => manager),
    ['m'],
  );
  for (const [managedFields, why] of [
    ['x', /^failed to create typed patch object .*: \.metadata\.managedFields: expected list, got &\{x\}$/],
    [[{ time: 'soon' }], /^failed to convert new object \(\/a; x\/v1, Kind=Thing\) .*: parsing time "soon"/],
  ] as const) {
    const { status } = conflict(() => apply(undefined, thing({}, { managedFields }), 'm'));
    assert.equal(status.code, 500);
    assert.match(status.message ?? '', why);
  }
});

test('a key of a list that is missing counts as its default', () => {
  const live = apply(undefined, thing({ ports: [{ port: 80, name: 'a' }] }), 'm1');
  const merged = apply(live, thing({ ports: [{ port: 80, protocol: 'TCP', name: 'a' }] }), 'm2');
  assert.deepEqual(specOf(merged)['ports'], [{ port: 80, name: 'a', protocol: 'TCP' }]);
});

test('kubectl takes over without conflict what its client-side apply had set', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = thing({ schedule: '@daily', replicas: 1 });
  const annotated = thing(
    { schedule: '@daily', replicas: 1 },
    { annotations: { [annotation]: JSON.stringify(config) } },
  );
  const live = created(annotated, 'kubectl-client-side-apply');
  const next = thing({ schedule: '@hourly', replicas: 1 });
  assert.equal(conflict(() => apply(live, next, 'other')).reason, 'Conflict');
  const taken = apply(live, next, 'kubectl');
  assert.equal(specOf(taken)['schedule'], '@hourly');
  const { annotations } = taken['metadata'] as { annotations: Record<string, string> };
  assert.deepEqual(JSON.parse(annotations[annotation] ?? ''), next);
  assert.match(
    annotations[annotation] ?? '',
    /"spec":\{"replicas":1,"schedule":"@hourly"\}/,
    'members in order',
  );
});

test('who applies what is there already owns it without a time, and comes before those who changed something', () => {
  const live = apply(undefined, thing({ schedule: '@daily' }), 'm1');
  const { managedFields } = apply(live, thing({ schedule: '@daily' }), 'm2')['metadata'] as {
    managedFields: readonly { manager: string; time?: string }[];
  };
  assert.deepEqual(
    managedFields.map(({ manager, time }) => [manager, time]),
    [
      ['m2', undefined],
      ['m1', TIME],
    ],
  );
});

test('entries that are broken are left for those that were there', () => {
  const live = created(thing({ schedule: '@daily' }), 'm1');
  for (const entry of [
    { manager: 'x' },
    { manager: 'x', operation: 'Update', fieldsType: 'FieldsV1' },
    { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' },
    {
      manager: 'x',
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'i:x': {} } },
    },
  ]) {
    const next = { ...live, metadata: { ...(live['metadata'] as object), managedFields: [entry] } };
    const entries = trackChange(live, next, endpoint, { manager: 'm2', time: LATER }) ?? [];
    assert.deepEqual(
      entries.map(({ manager }) => manager),
      ['m1'],
    );
  }
});

test('FieldsV1 reads back as it was written', () => {
  const set = FieldSet.fromFieldsV1({
    'f:a': { '.': {}, 'f:b': {} },
    'f:l': { 'k:{"protocol":"TCP","port":80}': { '.': {}, 'f:name': {} }, 'v:"x"': {} },
    'z:what': {},
  });
  assert.deepEqual(set.toFieldsV1(), {
    'f:a': { '.': {}, 'f:b': {} },
    'f:l': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} }, 'v:"x"': {} },
  });
  assert.deepEqual(
    [...set.paths()],
    ['.a', '.a.b', '.l[port=80,protocol="TCP"]', '.l[="x"]', '.l[port=80,protocol="TCP"].name'],
  );
  assert.throws(() => FieldSet.fromFieldsV1({ 'k:{': {} }), SyntaxError);
});

const name = fc.constantFrom('a', 'b', 'c', 'd');
const spec = fc.record(
  {
    schedule: fc.constantFrom('x', 'y'),
    replicas: fc.nat(3),
    args: fc.array(name, { minLength: 1, maxLength: 2 }),
    parts: fc.uniqueArray(fc.record({ name, image: name }, { requiredKeys: ['name'] }), {
      selector: (part) => part.name,
      minLength: 1,
    }),
  },
  { requiredKeys: [] },
);

/** As decoding leaves an object whose spec has become empty: Go's struct is there, with nothing in it. */
const withSpec = (object: JsonObject): JsonObject => ({ ...object, spec: object['spec'] ?? {} });

test('applying twice is applying once, forced or alone, and nobody owns what is not there', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('m1', 'm2'), spec), { minLength: 1, maxLength: 5 }),
      (steps) => {
        let live: JsonObject | undefined;
        for (const [manager, each] of steps) {
          const once = withSpec(apply(live, thing(each), manager, true));
          const twice = apply(once, thing(each), manager, true, LATER);
          assert.ok(deepEqualJson(once, twice));
          const merged = specOf(once);
          for (const [key, value] of Object.entries(each)) {
            if (key !== 'parts') assert.deepEqual(merged[key], value);
          }
          for (const part of each.parts ?? []) {
            const found = (merged['parts'] as { name: string }[]).find((other) => other.name === part.name);
            assert.deepEqual(found, { ...found, ...part });
          }
          live = once;
        }
      },
    ),
  );
});

test('whoever owns something in a version that the kind has not is forgotten at the next change', () => {
  const served = { ...endpoint, apiVersions: new Set(['x/v1', 'x/v2']) };
  const versions = ['x/v1', 'x/v2', 'x/v3', 'v1'];
  const managedFields = versions.map((apiVersion) => ({
    manager: apiVersion,
    operation: 'Update',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:nothing': {} } },
  }));
  const live = thing({}, { managedFields });
  const writer = { manager: 'm', time: LATER };
  const left = (trackChange(live, live, served, writer) ?? []).map(({ manager }) => manager);
  assert.deepEqual(left, ['x/v1', 'x/v2']);
  const { managedFields: applied } = applyConfiguration(live, thing({}), served, { ...writer, force: false });
  assert.deepEqual(
    applied.map(({ manager }) => manager),
    ['m', 'x/v1', 'x/v2'],
  );
  const broken = thing({}, { managedFields: [{ ...managedFields[0], apiVersion: 'a/b/c' }] });
  assert.throws(() => trackChange(broken, broken, served, writer), /unexpected GroupVersion string: a\/b\/c/);
});
