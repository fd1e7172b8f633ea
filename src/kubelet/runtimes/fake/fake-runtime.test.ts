import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { systemClock } from '../../../apimachinery/clock.ts';
import { runtimeSuite } from '../testing/suite.ts';
import { parseGoDuration } from './duration.ts';
import { newFakeRuntime } from './index.ts';

runtimeSuite('fake', async () => ({
  runtime: newFakeRuntime(systemClock),
  image: 'busybox',
  annotations: (milliseconds, exitCode) => ({
    'fake.longshore.dev/duration': `${milliseconds}ms`,
    'fake.longshore.dev/exit-code': String(exitCode),
  }),
}));

test('a command in a fake container says its own words and then what it is told', async () => {
  const runtime = newFakeRuntime(systemClock);
  const metadata = { name: 'p', namespace: 'default', uid: 'u', attempt: 0 };
  const annotations = { 'fake.longshore.dev/duration': 'forever' };
  const sandbox = await runtime.runPodSandbox({ metadata, labels: {}, annotations } as never);
  const id = await runtime.createContainer(
    sandbox,
    { metadata: { name: 'c', attempt: 0 }, labels: {} } as never,
    {} as never,
  );
  const wanted = { stdin: true, stdout: true, stderr: true, tty: false };
  await assert.rejects(runtime.exec(id, ['cat'], wanted), /CONTAINER_CREATED/);
  await runtime.startContainer(id);
  const command = await runtime.exec(id, ['cat', '-'], wanted);
  command.stdin?.end('told');
  assert.equal(await text(command.stdout as Readable), 'cat -\ntold');
  assert.equal(await command.exit, 0);
  const port = await runtime.portForward(sandbox, 80);
  port.end('echo');
  assert.equal(await text(port), 'echo');
  await runtime.close();
});

test('parseGoDuration() reads what Go reads and nothing else', () => {
  assert.equal(parseGoDuration('0'), 0);
  assert.equal(parseGoDuration('1.5s'), 1500);
  assert.equal(parseGoDuration('2m30s'), 150_000);
  assert.equal(parseGoDuration('1h0m0.5s'), 3_600_500);
  assert.equal(parseGoDuration('250µs'), 0.25);
  assert.equal(parseGoDuration('.5s'), 500);
  for (const text of ['', '5', '-1s', '1d', 's', '1 s', '.s'])
    assert.equal(parseGoDuration(text), undefined, text);
});
