import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MissReason } from './events.ts';
import {
  addMissed,
  emptyAccount,
  formatAccount,
  type MissedAccount,
  parseAccount,
} from './missed-account.ts';

const MINUTE = 60_000;

/** Adds a time a minute; answers the account and the number of times in each Event. */
function streak(account: MissedAccount, reason: MissReason, from: number, minutes: number) {
  const told: number[] = [];
  let now = account;
  for (let minute = from; minute < from + minutes; minute++) {
    const until = minute * MINUTE;
    const telling = addMissed(now, { reason, count: 1, until }, until + 100);
    now = telling.account;
    for (const { message } of telling.notes) told.push(Number(/(\d+) times/.exec(message)?.[1] ?? 1));
  }
  return { account: now, told };
}

test('the first times of a streak are told of one by one, and from then on once an hour with their number', () => {
  const { account, told } = streak(emptyAccount(0), 'suspended', 1, 5 + 3 * 60);
  assert.deepEqual(told, [1, 1, 1, 1, 1, 60, 60, 60]);
  assert.equal(account.untold, 0);
});

test('another reason tells what has waited, and begins a streak of its own', () => {
  const { account, told } = streak(emptyAccount(0), 'suspended', 1, 15);
  assert.deepEqual([told.length, account.untold], [5, 10]);
  const telling = addMissed(account, { reason: 'forbid', count: 1, until: 16 * MINUTE }, 16 * MINUTE);
  assert.deepEqual(
    telling.notes.map(({ message }) => message.replace(/ for .*?:.*?:.*?:/, '')),
    [
      'No runs the CronJob was suspended at the time',
      'No run an earlier run was still active and the concurrency policy is Forbid',
    ],
  );
});

test('an account comes back from its annotation; what makes no sense or lies ahead is none', () => {
  const { account } = streak(emptyAccount(0), 'forbid', 1, 12);
  const now = 13 * MINUTE;
  assert.deepEqual(parseAccount(formatAccount(account), now), {
    ...account,
    toldAt: Math.floor(account.toldAt / 1000) * 1000,
  });
  assert.equal(parseAccount(undefined, now), undefined);
  for (const text of ['', 'null', '{}', '{"until":"soon"}', '[]', formatAccount(account)]) {
    assert.equal(parseAccount(text, 11 * MINUTE), undefined, text);
  }
  const odd = '{"until":"1970-01-01T00:01:00Z","reason":"down","untold":-3,"told":"x"}';
  assert.deepEqual(parseAccount(odd, now), { until: MINUTE, reason: 'down', untold: 0, told: 0, toldAt: 0 });
});
