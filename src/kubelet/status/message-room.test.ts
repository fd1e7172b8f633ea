import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus } from '../../apis/core/types.ts';
import { cutMessages } from './message-room.ts';

test("containers' messages share 12 KiB of their pod's status evenly", () => {
  const ended = (message: string) => ({ terminated: { exitCode: 1, message } });
  const status = { state: ended('x'.repeat(4096)), lastState: ended('é'.repeat(2048)) } as ContainerStatus;
  cutMessages([status], 3);
  assert.equal(status.state?.terminated?.message?.length, 4096);
  cutMessages([status], 6);
  assert.equal(status.state?.terminated?.message, 'x'.repeat(2048));
  assert.equal(status.lastState?.terminated?.message, 'é'.repeat(1024));
});
