import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { gadgetServer } from '../testing/gadgets.ts';
import { ask, follow, gadget, turns } from '../testing/requests.ts';

const names = (items: readonly { metadata: { name: string } }[]): string[] =>
  items.map((each) => each.metadata.name);

test('list pages through a state that does not change under it', async () => {
  const { admin } = gadgetServer();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(admin, { verb: 'create', body: gadget(name) });
  const { body: first } = await ask(admin, { verb: 'list', parameters: { limit: '2' } });
  assert.deepEqual([names(first.items), first.metadata.remainingItemCount], [['a', 'b'], 3]);
  await ask(admin, { verb: 'create', body: gadget('bb') });
  await ask(admin, { verb: 'delete', name: 'c' });
  const parameters = { limit: '2', continue: first.metadata.continue };
  const { body: second } = await ask(admin, { verb: 'list', parameters });
  assert.deepEqual(names(second.items), ['c', 'd']);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  const last = await ask(admin, {
    verb: 'list',
    parameters: { limit: '2', continue: second.metadata.continue },
  });
  assert.deepEqual([names(last.body.items), last.body.metadata.continue], [['e'], undefined]);
});

test('list fills a page with what the selector chooses', async () => {
  const { admin } = gadgetServer();
  for (let count = 0; count < 20; count++) {
    const labels = { third: String(count % 3 === 0) };
    await ask(admin, { verb: 'create', body: gadget(`g${String(count).padStart(2, '0')}`, {}, { labels }) });
  }
  const parameters = { limit: '3', labelSelector: 'third=true' };
  const { body } = await ask(admin, { verb: 'list', parameters });
  assert.deepEqual(names(body.items), ['g00', 'g03', 'g06']);
  const rest = await ask(admin, {
    verb: 'list',
    parameters: { ...parameters, limit: '9', continue: body.metadata.continue },
  });
  assert.deepEqual(names(rest.body.items), ['g09', 'g12', 'g15', 'g18']);
});

test('a page whose past is forgotten answers 410 with a token that goes on', async () => {
  const { admin } = gadgetServer({
    history: { events: 4 },
  });
  for (const name of ['a', 'b', 'c']) await ask(admin, { verb: 'create', body: gadget(name) });
  const { body: first } = await ask(admin, { verb: 'list', parameters: { limit: '1' } });
  for (let count = 0; count < 5; count++) {
    await ask(admin, { verb: 'create', body: gadget('x') });
    await ask(admin, { verb: 'delete', name: 'x' });
  }
  const gone = await ask(admin, {
    verb: 'list',
    parameters: { limit: '1', continue: first.metadata.continue },
  });
  assert.equal(gone.code, 410);
  assert.equal(gone.body.reason, 'Expired');
  const fresh = await ask(admin, { verb: 'list', parameters: { continue: gone.body.metadata.continue } });
  assert.deepEqual(names(fresh.body.items), ['b', 'c']);
});

test('list checks its parameters as Kubernetes does', async () => {
  const { admin } = gadgetServer();
  const cases: [Record<string, string>, number, RegExp][] = [
    [
      { resourceVersionMatch: 'Exact' },
      422,
      /resourceVersionMatch is forbidden unless resourceVersion is provided/,
    ],
    [
      { resourceVersionMatch: 'Exact', resourceVersion: '0' },
      422,
      /"exact" is forbidden for resourceVersion "0"/,
    ],
    [{ fieldSelector: 'spec.size=1' }, 400, /^field label not supported: spec.size$/],
    [
      { continue: 'zzz' },
      400,
      /^invalid continue token: continue key is not valid: invalid character 'Ï' looking for/,
    ],
    [{ resourceVersion: '99' }, 504, /Too large resource version: 99, current: 0/],
    [
      { continue: Buffer.from('{"v":"meta.k8s.io/v1","rv":99,"start":"a"}').toString('base64url') },
      504,
      /Too large resource version: 99, current: 0/,
    ],
    [{ sendInitialEvents: 'true' }, 422, /sendInitialEvents is forbidden for list/],
    [
      { resourceVersion: 'abc' },
      400,
      /^invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax$/,
    ],
    [
      { resourceVersion: '1', resourceVersionMatch: 'Around' },
      422,
      /Unsupported value: "Around": supported values: "Exact", "NotOlderThan", ""$/,
    ],
    [{ timeoutSeconds: 'x' }, 400, /^strconv.ParseInt: parsing "x": invalid syntax$/],
    [{ limit: '1.5', labelSelector: '!!' }, 400, /^strconv.ParseInt: parsing "1.5": invalid syntax$/],
  ];
  for (const [parameters, code, message] of cases) {
    const seen = await ask(admin, { verb: 'list', parameters });
    assert.equal(seen.code, code, JSON.stringify(parameters));
    assert.match(seen.body.message, message);
  }
});

test('a list of any revision is whole, whatever its limit', async () => {
  const { admin } = gadgetServer();
  for (const name of ['a', 'b', 'c']) await ask(admin, { verb: 'create', body: gadget(name) });
  const { body } = await ask(admin, { verb: 'list', parameters: { resourceVersion: '0', limit: '1' } });
  assert.deepEqual(names(body.items), ['a', 'b', 'c']);
  assert.equal(body.metadata.continue, undefined);
});

test('list at an exact revision shows the past', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  await ask(admin, { verb: 'create', body: gadget('b') });
  const parameters = { resourceVersion: '1', resourceVersionMatch: 'Exact' };
  const { body } = await ask(admin, { verb: 'list', parameters });
  assert.deepEqual([names(body.items), body.metadata.resourceVersion], [['a'], '1']);
});

test('a watch tells every change once, in order, from where it starts', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const all = await follow(admin);
  const later = await follow(admin, { resourceVersion: '1' });
  await ask(admin, { verb: 'create', body: gadget('b') });
  await ask(admin, { verb: 'update', name: 'b', body: gadget('b', { size: 2 }) });
  await ask(admin, { verb: 'delete', name: 'a' });
  await turns();
  assert.deepEqual(all.lines, ['ADDED a@1', 'ADDED b@2', 'MODIFIED b@3', 'DELETED a@4']);
  assert.deepEqual(later.lines, ['ADDED b@2', 'MODIFIED b@3', 'DELETED a@4']);
  all.stop();
  later.stop();
  await ask(admin, { verb: 'create', body: gadget('c') });
  await turns();
  assert.equal(all.lines.length, 4);
});

test('a filtered watch shows entering as ADDED and leaving as DELETED with the old state', async () => {
  const { admin } = gadgetServer();
  const watch = await follow(admin, { fieldSelector: 'spec.color=red' });
  const paint = (color: string) => ask(admin, { verb: 'update', name: 'a', body: gadget('a', { color }) });
  await ask(admin, { verb: 'create', body: gadget('a', { color: 'blue' }) });
  await paint('red');
  await ask(admin, { verb: 'update', name: 'a', body: gadget('a', { color: 'red', size: 1 }) });
  await paint('blue');
  await paint('green');
  await turns();
  assert.deepEqual(watch.lines, ['ADDED a@2', 'MODIFIED a@3', 'DELETED a@4']);
  const left = watch.events.at(-1)?.object as { spec?: unknown } | undefined;
  assert.deepEqual(left?.spec, { color: 'red', size: 1 });
  watch.stop();
});

test('sendInitialEvents gives the present state, then an annotated bookmark, then changes', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const watch = await follow(admin, {
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
  });
  await ask(admin, { verb: 'create', body: gadget('b') });
  await turns();
  assert.deepEqual(watch.lines, ['ADDED a@1', 'BOOKMARK @1', 'ADDED b@2']);
  assert.equal(watch.events[1]?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
  watch.stop();
});

test('bookmarks come about every minute and only when there is something to say; the time limit ends the watch', async () => {
  const clock = new VirtualClock();
  const { admin } = gadgetServer({ clock });
  await ask(admin, { verb: 'create', body: gadget('a') });
  const watch = await follow(admin, {
    resourceVersion: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '300',
  });
  const elsewhere = { resource: 'depots', group: '', version: 'v1' } as const;
  await clock.advance(61_000);
  assert.deepEqual(watch.lines, []);
  await admin.send({ ...elsewhere, verb: 'create', body: { metadata: { name: 'north' } } });
  await clock.advance(61_000);
  assert.deepEqual(watch.lines, ['BOOKMARK @2']);
  await clock.advance(200_000);
  assert.deepEqual([watch.ended, watch.reason], [true, undefined]);
  assert.equal(clock.pending, 0);
});

test('a watch from a forgotten revision opens and ends with 410', async () => {
  const { admin: young } = gadgetServer({ history: { events: 4 } });
  for (let count = 0; count < 5; count++) {
    await ask(young, { verb: 'create', body: gadget('x') });
    await ask(young, { verb: 'delete', name: 'x' });
  }
  const watch = await follow(young, { resourceVersion: '1' });
  await turns();
  assert.equal(watch.reason?.status.code, 410);
  assert.match(watch.reason?.message ?? '', /^too old resource version: 1 \(10\)$/);
});

test('a watch from a revision to come tells nothing before it, and gives up when it does not come', async () => {
  const clock = new VirtualClock();
  const { admin } = gadgetServer({ clock });
  await ask(admin, { verb: 'create', body: gadget('a') });
  const soon = await follow(admin, { resourceVersion: '2' });
  const never = await follow(admin, { resourceVersion: '99' });
  await ask(admin, { verb: 'create', body: gadget('b') });
  await ask(admin, { verb: 'create', body: gadget('c') });
  await turns();
  assert.deepEqual([soon.lines, never.lines, never.ended], [['ADDED c@3'], [], false]);
  await clock.advance(31_000);
  assert.equal(soon.ended, false);
  assert.match(never.reason?.message ?? '', /^Timeout: Too large resource version: 99, current: 3$/);
  soon.stop();
});

test('initial events as new as a revision that does not come are refused after a moment', async () => {
  const clock = new VirtualClock();
  const { admin } = gadgetServer({ clock });
  const opening = follow(admin, {
    resourceVersion: '99',
    resourceVersionMatch: 'NotOlderThan',
    sendInitialEvents: 'true',
  });
  await turns();
  await clock.advance(3_100);
  const watch = await opening;
  await turns();
  assert.deepEqual([watch.lines, watch.reason?.status.code], [[], 504]);
});

test('a watch that begins with the present state in the old way is told where that ends', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  for (const parameters of [{}, { resourceVersion: '0' }]) {
    const watch = await follow(admin, { ...parameters, allowWatchBookmarks: 'true' });
    await turns();
    assert.deepEqual(watch.lines, ['ADDED a@1', 'BOOKMARK @1']);
    watch.stop();
  }
  const quiet = await follow(admin);
  await turns();
  assert.deepEqual(quiet.lines, ['ADDED a@1']);
  quiet.stop();
});

test('a watch whose time is less than nothing ends at once', async () => {
  const { admin } = gadgetServer();
  await ask(admin, { verb: 'create', body: gadget('a') });
  const watch = await follow(admin, { timeoutSeconds: '-1' });
  await turns();
  assert.deepEqual([watch.lines, watch.ended, watch.reason], [[], true, undefined]);
});

test('watch refuses parameters that make no sense', async () => {
  const { admin } = gadgetServer();
  await assert.rejects(
    follow(admin, { sendInitialEvents: 'true' }),
    /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
  );
  await assert.rejects(
    follow(admin, { resourceVersion: 'abc' }),
    /resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax/,
  );
});
