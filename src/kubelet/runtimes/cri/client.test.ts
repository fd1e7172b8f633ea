import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CriClient, openCri } from './client.ts';
import { CriError } from './cri-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'longshore-cri-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The error of opening that endpoint, which has to come within two seconds. */
async function refusal(endpoint: string): Promise<CriError> {
  const start = performance.now();
  try {
    (await openCri(endpoint)).close();
  } catch (error) {
    assert.ok(error instanceof CriError);
    assert.ok(performance.now() - start < 2000, `it took ${performance.now() - start} ms`);
    return error;
  }
  throw new Error('it opened');
}

async function listen(path: string, server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

test('openCri() names a missing socket', async () => {
  const path = join(folder, 'nothing.sock');
  const { message } = await refusal(`unix://${path}`);
  assert.match(message, /^no container runtime answers on \S+nothing\.sock \(there is no such socket\)$/);
});

test('openCri() names a file that is no socket', async () => {
  const path = join(folder, 'plain');
  writeFileSync(path, '');
  assert.match((await refusal(path)).message, /plain \(it is no socket\)/);
});

test('openCri() gives up on a socket that takes connections and says nothing', async () => {
  const path = join(folder, 'silent.sock');
  const connections = new Set<{ destroy(): void }>();
  const server = createServer((socket) => connections.add(socket));
  await listen(path, server);
  try {
    const { code, message } = await refusal(path);
    assert.equal(code, 'DEADLINE_EXCEEDED');
    assert.match(message, /silent\.sock \(no answer in 1\.9 s\)/);
  } finally {
    for (const connection of connections) connection.destroy();
    server.close();
  }
});

test('openCri() refuses a socket that speaks something else', async () => {
  const path = join(folder, 'other.sock');
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // The client may leave first.
    socket.end('220 mail.example.com ready\r\n');
  });
  await listen(path, server);
  try {
    assert.match((await refusal(path)).message, /^no container runtime answers on \S+other\.sock \(/);
  } finally {
    server.close();
  }
});

test('a client that was closed meanwhile says that the call was cancelled', async () => {
  const client = new CriClient(join(folder, 'closed.sock'));
  client.close();
  await assert.rejects(
    client.listContainers(),
    (error) => error instanceof CriError && error.code === 'CANCELLED',
  );
});
