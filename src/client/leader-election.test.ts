import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../apimachinery/clock.ts';
import { seededRandom } from '../apimachinery/random.ts';
import { newServiceUnavailable } from '../apimachinery/status-error.ts';
import type { Lease } from '../apis/coordination/types.ts';
import { newLeaderElection } from './leader-election.ts';
import { ObjectServer } from './testing/object-server.ts';
import { silent } from './testing/silent-log.ts';
import { newClient } from './typed-client.ts';

function rig() {
  const server = new ObjectServer();
  const clock = new VirtualClock();
  const leading = new Set<string>();
  const story: string[] = [];
  const candidate = (identity: string) =>
    newLeaderElection({
      client: newClient(server),
      clock,
      random: seededRandom(identity.length),
      log: silent,
      events: { event: (_about, _type, reason, message) => void story.push(`${reason}: ${message}`) },
      namespace: 'kube-system',
      name: 'controllers',
      identity,
      onLeading: () => {
        leading.add(identity);
        assert.equal(leading.size, 1, 'two lead at a time');
        story.push(`${identity} leads`);
      },
      onLost: () => {
        leading.delete(identity);
        story.push(`${identity} lost`);
      },
    });
  const lease = () => server.one<Lease>('leases', 'kube-system', 'controllers').spec;
  return { server, clock, story, candidate, lease };
}

test('the first leads, and the second takes over once the first gives the lead away', async () => {
  const { clock, story, candidate, lease } = rig();
  const one = candidate('one');
  const second = candidate('second');
  await one.start();
  await clock.advance(1);
  await second.start();
  await clock.advance(60_000);
  assert.deepEqual(story, ['LeaderElection: one became leader', 'one leads']);
  assert.equal(lease().leaseDurationSeconds, 15);
  const stopped = one.stop();
  await clock.advance(5_000);
  await stopped;
  assert.deepEqual(story.slice(2), ['one lost', 'LeaderElection: second became leader', 'second leads']);
  assert.equal(lease().leaseTransitions, 1);
  await second.stop();
  assert.equal(lease().holderIdentity, '');
  assert.equal(clock.pending, 0);
});

test('a leader that cannot renew gives up before another may begin', async () => {
  const { server, clock, story, candidate } = rig();
  const one = candidate('one');
  const second = candidate('second');
  await one.start();
  await clock.advance(1);
  await second.start();
  await clock.advance(4_000);
  let down: 'one' | 'nobody' = 'one';
  server.refuse = ({ verb, body }) => {
    const holder = (body as Lease | undefined)?.spec.holderIdentity;
    return down === 'one' && verb === 'update' && holder === 'one'
      ? newServiceUnavailable('cut off')
      : undefined;
  };
  const times: Record<string, number> = {};
  for (let at = 0; at < 30; at++) {
    await clock.advance(1_000);
    for (const line of story) times[line] ??= clock.monotonic();
  }
  const lost = times['one lost'] ?? 0;
  const taken = times['second leads'] ?? 0;
  assert.ok(lost > 0 && taken >= lost, `lost at ${lost}, taken at ${taken}`);
  down = 'nobody';
  await Promise.all([one.stop(), second.stop()]);
});
