import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { systemClock } from '../../../apimachinery/clock.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../apimachinery/process-identity.ts';
import { killSession } from './signals.ts';

interface Session {
  readonly identity: ProcessIdentity;
  readonly member: ProcessIdentity;
  /** Ends the leader alone and waits until it is gone. */
  readonly leave: () => Promise<void>;
}

/** A session whose leader leaves when it is told to, and whose one other member would stay. */
async function session(): Promise<Session> {
  const script = 'sleep 300 >/dev/null & echo $!; read go';
  const leader = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  const identity = identify(leader.pid ?? 0);
  const [line] = (await once(createInterface({ input: leader.stdout }), 'line')) as [string];
  const leave = async (): Promise<void> => {
    const gone = once(leader, 'close');
    leader.stdin.end('go\n');
    await gone;
  };
  return { identity, member: identify(Number(line)), leave };
}

async function untilGone(process: ProcessIdentity): Promise<void> {
  while (isAlive(process)) await new Promise<void>((resolve) => void systemClock.after(5, resolve));
}

test('killSession() ends what a session left running after its leader went', async () => {
  const { identity, member, leave } = await session();
  await leave();
  assert.ok(isAlive(member));
  killSession(identity);
  await untilGone(member);
});

test('killSession() leaves a session alone whose leader has the pid of another that went before', async () => {
  const { identity, member, leave } = await session();
  killSession({ pid: identity.pid, startTicks: `${Number(identity.startTicks) - 1}` });
  assert.ok(isAlive(member));
  killSession(identity);
  await untilGone(member);
  await leave();
});
