import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { ADMIN, gadgetServer, IN_YARD } from '../testing/gadgets.ts';
import { ask, gadget } from '../testing/requests.ts';

test('create fills in what the server decides and clears what a client may not set', async () => {
  const { admin } = gadgetServer({ clock: new VirtualClock(Date.UTC(2026, 4, 1)) });
  const { code, body } = await ask(admin, {
    verb: 'create',
    body: { ...gadget('a', { size: 1 }), status: { ready: true } },
  });
  assert.equal(code, 201);
  assert.equal(body.metadata.namespace, 'yard');
  assert.equal(body.metadata.creationTimestamp, '2026-05-01T00:00:00Z');
  assert.match(body.metadata.uid, /^[0-9a-f-]{36}$/);
  assert.equal(body.metadata.resourceVersion, '1');
  assert.equal(body.status, undefined);
  assert.deepEqual(body.spec, { size: 1, color: 'grey' });
});

test('create never changes the body it is given', async () => {
  const { admin } = gadgetServer();
  const body = Object.freeze({ metadata: Object.freeze({ name: 'a' }), spec: Object.freeze({ size: 1 }) });
  assert.equal((await ask(admin, { verb: 'create', body })).code, 201);
});

test('create draws another name when a generated one is taken', async () => {
  const { admin } = gadgetServer();
  const names = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const { code, body } = await ask(admin, { verb: 'create', body: { metadata: { generateName: 'g-' } } });
    assert.equal(code, 201);
    assert.match(body.metadata.name, /^g-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    names.add(body.metadata.name);
  }
  assert.equal(names.size, 20);
});

test('create refuses what Kubernetes refuses, in its words', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const cases: [object, number, string][] = [
    [gadget('a'), 409, 'gadgets.demo.example.com "a" already exists'],
    [
      gadget('b', { size: -1 }),
      422,
      'Gadget.demo.example.com "b" is invalid: spec.size: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      { ...gadget('c'), apiVersion: 'v2' },
      400,
      'Gadget in version "v2" cannot be handled as a Gadget: no kind "Gadget" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      gadget('d', {}, { namespace: 'attic' }),
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      gadget('e', {}, { resourceVersion: '3' }),
      500,
      'resourceVersion should not be set on objects to be created',
    ],
    [
      gadget(''),
      422,
      'Gadget.demo.example.com "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
  ];
  for (const [body, code, message] of cases) {
    const seen = await ask(admin, { verb: 'create', body });
    assert.deepEqual([seen.code, seen.body.message], [code, message]);
  }
});

test('a finalizer has a domain, unless Kubernetes itself knows it', async () => {
  const { admin } = gadgetServer();
  const finalizers = ['kubernetes', 'mine', 'example.com/mine'];
  const { code, body } = await ask(admin, { verb: 'create', body: gadget('a', {}, { finalizers }) });
  assert.equal(code, 422);
  assert.deepEqual(body.details.causes, [
    {
      reason: 'FieldValueInvalid',
      message: 'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      field: 'metadata.finalizers[1]',
    },
  ]);
});

test('create with dryRun stores nothing', async () => {
  const { admin } = gadgetServer();
  const parameters = { dryRun: 'All' };
  const dry = await ask(admin, { verb: 'create', body: gadget('a'), parameters });
  assert.deepEqual([dry.code, dry.body.metadata.resourceVersion], [201, undefined]);
  assert.equal((await ask(admin, { verb: 'get', name: 'a' })).code, 404);
  const wrong = await ask(admin, { verb: 'create', body: gadget('a'), parameters: { dryRun: 'Some' } });
  assert.equal(wrong.code, 422);
});

test('warnings of a kind come with the answer', async () => {
  const { admin } = gadgetServer();
  const { warnings } = await ask(admin, { verb: 'create', body: gadget('a', { color: 'beige' }) });
  assert.deepEqual(warnings, ['beige is a poor choice']);
});

test('update refuses a stale resourceVersion and counts the generation only when the spec changes', async () => {
  const { admin } = gadgetServer();
  const { body: first } = await ask(admin, { verb: 'create', body: gadget('a') });
  const { body: second } = await ask(admin, {
    verb: 'update',
    name: 'a',
    body: { ...first, spec: { size: 2, color: 'grey' } },
  });
  assert.equal(second.metadata.generation, 2);
  const stale = await ask(admin, { verb: 'update', name: 'a', body: { ...first, spec: {} } });
  assert.equal(stale.code, 409);
  const labelled = { ...second, metadata: { ...second.metadata, labels: { a: 'b' } } };
  const { body: third } = await ask(admin, { verb: 'update', name: 'a', body: labelled });
  assert.equal(third.metadata.generation, 2);
});

test('an update that changes nothing is not written', async () => {
  const { admin, storage } = gadgetServer();
  const { body } = await ask(admin, { verb: 'create', body: gadget('a') });
  const before = storage.revision;
  const again = await ask(admin, { verb: 'update', name: 'a', body });
  assert.equal(again.body.metadata.resourceVersion, body.metadata.resourceVersion);
  assert.equal(storage.revision, before);
});

test('update holds the body against the URL', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const named = await ask(admin, { verb: 'update', name: 'a', body: gadget('b') });
  assert.equal(named.body.message, 'the name of the object (b) does not match the name on the URL (a)');
  const other = await ask(admin, { verb: 'update', name: 'a', body: gadget('a', {}, { uid: 'nobody' }) });
  assert.equal(other.code, 409);
  assert.match(other.body.message, /Precondition failed: UID in precondition: nobody, UID in object meta: /);
  const elsewhere = await ask(admin, {
    verb: 'update',
    name: 'a',
    body: gadget('b', {}, { namespace: 'elsewhere' }),
  });
  assert.equal(
    elsewhere.body.message,
    'the namespace of the provided object does not match the namespace sent on the request',
  );
  assert.equal((await ask(admin, { verb: 'update', name: 'z', body: gadget('z') })).code, 404);
  const gone = await ask(admin, { verb: 'update', name: 'z', body: gadget('z', {}, { uid: 'old' }) });
  assert.equal(gone.code, 404);
  const revised = gadget('a', {}, { resourceVersion: 'new' });
  const unread = await ask(admin, { verb: 'update', name: 'a', body: revised });
  assert.deepEqual(
    [unread.code, unread.body.message],
    [500, 'strconv.ParseUint: parsing "new": invalid syntax'],
  );
});

test('a patch of the uid is refused as a change of what is fixed, not as a precondition', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const patchType = 'application/merge-patch+json';
  const { code, body } = await ask(admin, {
    verb: 'patch',
    name: 'a',
    patchType,
    body: { metadata: { uid: 'nobody' } },
  });
  assert.equal(code, 422);
  assert.match(body.message, /metadata\.uid: Invalid value: "nobody": field is immutable/);
});

test('update creates where the kind allows it, and insists on a resourceVersion where the kind wants one', async () => {
  const { admin } = gadgetServer();
  const depot = { group: '', version: 'v1', resource: 'depots', verb: 'update', name: 'north' } as const;
  const body = { metadata: { name: 'north' } };
  const created = await admin.send({ ...depot, body });
  assert.equal(created.kind === 'object' && created.code, 201);
  await assert.rejects(
    admin.send({ ...depot, body }),
    /depots "north" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update/,
  );
});

test('concurrent patches are all carried out', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      ask(admin, {
        verb: 'patch',
        name: 'a',
        patchType: 'application/merge-patch+json',
        body: { metadata: { annotations: { [`n${at}`]: 'x' } } },
      }),
    ),
  );
  const { body } = await ask(admin, { verb: 'get', name: 'a' });
  assert.equal(Object.keys(body.metadata.annotations).length, 50);
});

test('the status subresource writes the status alone, the object everything but the status', async () => {
  const { admin } = gadgetServer();
  const { body } = await ask(admin, { verb: 'create', body: gadget('a', { size: 1 }) });
  const changed = { ...body, spec: { size: 9 }, status: { ready: true } };
  const { body: status } = await ask(admin, {
    verb: 'update',
    name: 'a',
    subresource: 'status',
    body: changed,
  });
  assert.deepEqual([status.spec.size, status.status], [1, { ready: true }]);
  const { body: spec } = await ask(admin, {
    verb: 'update',
    name: 'a',
    body: { ...status, spec: { size: 9 }, status: { ready: false } },
  });
  assert.deepEqual([spec.spec.size, spec.status], [9, { ready: true }]);
});

test('a custom subresource works on its parent through the backend', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const { code, body } = await ask(admin, {
    verb: 'create',
    name: 'a',
    subresource: 'paint',
    body: { color: 'red' },
  });
  assert.deepEqual([code, body.spec.color, body.metadata.generation], [201, 'red', 2]);
});

test('delete answers a Status, waits for finalizers, and the last one removed lets the object go', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('plain') });
  const gone = await ask(admin, { verb: 'delete', name: 'plain' });
  assert.deepEqual([gone.code, gone.body.status, gone.body.details.name], [200, 'Success', 'plain']);

  await ask(admin, { verb: 'create', body: gadget('held', {}, { finalizers: ['a.example.com/b'] }) });
  const marked = await ask(admin, { verb: 'delete', name: 'held' });
  assert.equal(marked.body.kind, 'Gadget');
  assert.equal(marked.body.metadata.deletionGracePeriodSeconds, 0);
  assert.equal(marked.body.metadata.generation, 2);
  const more = await ask(admin, {
    verb: 'patch',
    name: 'held',
    patchType: 'application/merge-patch+json',
    body: { metadata: { finalizers: ['a.example.com/b', 'c.example.com/d'] } },
  });
  assert.match(more.body.message, /no new finalizers can be added if the object is being deleted/);
  await ask(admin, {
    verb: 'patch',
    name: 'held',
    patchType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  });
  assert.equal((await ask(admin, { verb: 'get', name: 'held' })).code, 404);
});

test('delete honours preconditions and propagation', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const other = await ask(admin, { verb: 'delete', name: 'a', body: { preconditions: { uid: 'x' } } });
  assert.match(
    other.body.message,
    /^Operation cannot be fulfilled on Gadget\.demo\.example\.com "a": the UID in the precondition \(x\)/,
  );
  const foreground = await ask(admin, {
    verb: 'delete',
    name: 'a',
    body: { propagationPolicy: 'Foreground' },
  });
  assert.deepEqual(foreground.body.metadata.finalizers, ['foregroundDeletion']);
  const orphan = await ask(admin, { verb: 'delete', name: 'a', parameters: { propagationPolicy: 'Orphan' } });
  assert.deepEqual(orphan.body.metadata.finalizers, ['orphan']);
  const both = await ask(admin, {
    verb: 'delete',
    name: 'a',
    body: { propagationPolicy: 'Orphan', orphanDependents: true },
  });
  assert.equal(both.code, 422);
});

test('graceful deletion gives the time asked for, shortens it on a second request, and ends with zero', async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const { admin } = gadgetServer({ clock });
  await ask(admin, { verb: 'create', body: gadget('a', { color: 'slow' }) });
  const first = await ask(admin, { verb: 'delete', name: 'a' });
  assert.equal(first.body.metadata.deletionTimestamp, '2026-01-01T00:00:30Z');
  await clock.advance(5_000);
  const longer = await ask(admin, { verb: 'delete', name: 'a', body: { gracePeriodSeconds: 60 } });
  assert.equal(longer.body.metadata.deletionGracePeriodSeconds, 30);
  const shorter = await ask(admin, { verb: 'delete', name: 'a', body: { gracePeriodSeconds: 10 } });
  assert.equal(shorter.body.metadata.deletionTimestamp, '2026-01-01T00:00:10Z');
  const now = await ask(admin, { verb: 'delete', name: 'a', body: { gracePeriodSeconds: 0 } });
  assert.equal(now.body.status, 'Success');
});

test('deletecollection deletes what its selector chooses and answers the list', async () => {
  const { admin } = gadgetServer();
  for (const name of ['a', 'b', 'c']) {
    await ask(admin, { verb: 'create', body: gadget(name, {}, { labels: { odd: String(name !== 'b') } }) });
  }
  const { body } = await ask(admin, { verb: 'deletecollection', parameters: { labelSelector: 'odd=true' } });
  assert.deepEqual([body.kind, body.items.length], ['GadgetList', 2]);
  const left = await ask(admin, { verb: 'list' });
  assert.deepEqual(
    left.body.items.map((each: { metadata: { name: string } }) => each.metadata.name),
    ['b'],
  );
});

test('deletecollection of a revision that was not reached yet is refused as a list of it would be', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const refused = await ask(admin, { verb: 'deletecollection', parameters: { resourceVersion: '99' } });
  assert.deepEqual(
    [refused.code, refused.body.message],
    [504, 'Timeout: Too large resource version: 99, current: 1'],
  );
});

test('a selfLink is never stored, and stands in the answer to a trial update alone', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a', {}, { selfLink: '/x' }) });
  const patchType = 'application/merge-patch+json';
  const patch = async (parameters: Record<string, string>) => {
    const body = { metadata: { selfLink: '/y' } };
    return (await ask(admin, { verb: 'patch', name: 'a', patchType, body, parameters })).body.metadata
      .selfLink;
  };
  assert.deepEqual([await patch({ dryRun: 'All' }), await patch({})], ['/y', undefined]);
  assert.equal((await ask(admin, { verb: 'get', name: 'a' })).body.metadata.selfLink, undefined);
});

test('admission plugins run in order, see the old state, and refuse', async () => {
  const seen: string[] = [];
  const { admin } = gadgetServer({
    admission: [
      {
        name: 'first',
        handles: (request) => request.verb === 'create',
        admit(object) {
          seen.push('first');
          if (object !== undefined) object.metadata.labels = { stamped: 'yes' };
        },
      },
      {
        name: 'second',
        handles: () => true,
        async admit(object, old, context) {
          seen.push(
            `second ${context.request.verb} ${object === undefined ? 'none' : object.metadata.labels?.['stamped']} ${old?.metadata.name ?? 'new'}`,
          );
        },
      },
    ],
  });
  await ask(admin, { verb: 'create', body: gadget('a') });
  await ask(admin, { verb: 'delete', name: 'a' });
  assert.deepEqual(seen, ['first', 'second create yes new', 'second delete none a']);
});

test('who is not in system:masters is refused in upstream words', async () => {
  const { server } = gadgetServer();
  const bob = server.transport({ username: 'bob', groups: [] });
  const { code, body } = await ask(bob, { verb: 'list' });
  assert.equal(code, 403);
  assert.equal(
    body.message,
    'gadgets.demo.example.com is forbidden: User "bob" cannot list resource "gadgets" in API group "demo.example.com" in the namespace "yard"',
  );
  assert.equal(ADMIN.groups[0], 'system:masters');
  assert.equal(IN_YARD.namespace, 'yard');
});

test('every value that a query has for dryRun counts, an empty one too', async () => {
  const { admin } = gadgetServer();
  for (const [dryRun, all, shown] of [
    ['', undefined, '[""]'],
    ['All', ['All', 'Some'], '["All","Some"]'],
  ] as const) {
    const query = { parameters: { dryRun }, ...(all === undefined ? {} : { repeated: { dryRun: all } }) };
    const why = `is invalid: dryRun: Unsupported value: ${shown}: supported values: "All"`;
    const made = await ask(admin, { verb: 'create', body: gadget('a'), ...query });
    assert.deepEqual([made.code, made.body.message], [422, `CreateOptions.meta.k8s.io "" ${why}`]);
    const gone = await ask(admin, { verb: 'delete', name: 'a', ...query });
    assert.deepEqual([gone.code, gone.body.message], [422, `DeleteOptions.meta.k8s.io "" ${why}`]);
  }
  const twice = { parameters: { dryRun: 'All' }, repeated: { dryRun: ['All', 'All'] } };
  assert.equal((await ask(admin, { verb: 'create', body: gadget('a'), ...twice })).code, 201);
  assert.equal((await ask(admin, { verb: 'get', name: 'a' })).code, 404);
});

test('whoever makes an object anew that is about to go is told so', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a', {}, { finalizers: ['a.example.com/b'] }) });
  await ask(admin, { verb: 'delete', name: 'a' });
  for (const parameters of [{}, { dryRun: 'All' }]) {
    const { code, body } = await ask(admin, { verb: 'create', body: gadget('a'), parameters });
    assert.deepEqual(
      [code, body.reason, body.message],
      [409, 'AlreadyExists', 'object is being deleted: gadgets.demo.example.com "a" already exists'],
    );
  }
});

test('a name that no object can have is refused by every verb', async () => {
  const { admin } = gadgetServer();
  const merge = { patchType: 'application/merge-patch+json', body: {} } as const;
  for (const [name, why] of [
    ['..', "may not be '..'"],
    ['a%b', "may not contain '%'"],
  ] as const) {
    for (const request of [{ verb: 'get' }, { verb: 'delete' }, { verb: 'patch', ...merge }] as const) {
      const { code, body } = await ask(admin, { ...request, name });
      assert.deepEqual([code, body.message], [400, `Name parameter invalid: "${name}": ${why}`]);
    }
  }
});
