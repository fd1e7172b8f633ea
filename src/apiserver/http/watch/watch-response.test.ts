import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { ApiObject } from '../../../apimachinery/meta/object.ts';
import { openMemoryStorage } from '../../../storage/index.ts';
import { serve } from '../../served-resource.ts';
import { DEPOTS } from '../../testing/gadgets.ts';
import { StoredText } from '../answer/json-text.ts';
import { PLAIN_JSON } from '../answer/negotiate.ts';
import type { Outgoing } from '../exchange.ts';
import { EventEncoders } from './event-encoder.ts';
import { WATCH_QUEUE_BYTES_MAX, WatchResponse } from './watch-response.ts';

/** The answer to a client that reads nothing unless told to. */
class SlowClient extends EventEmitter {
  readonly written: string[] = [];
  statusCode = 0;
  destroyed = false;
  ended = false;
  reads = false;

  setHeader(): void {}
  flushHeaders(): void {}
  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString());
    return this.reads;
  }
  end(): void {
    this.ended = true;
  }
  destroy(): void {
    this.destroyed = true;
  }
}

function open(client: SlowClient): { readonly response: WatchResponse; readonly stopped: () => boolean } {
  const view = { served: serve(DEPOTS), representation: PLAIN_JSON, include: 'Metadata' } as const;
  const encoders = new EventEncoders(new StoredText(openMemoryStorage()), () => 0);
  const response = new WatchResponse(client as unknown as Outgoing, view, encoders.of(view));
  let stopped = false;
  response.start({
    stop: () => {
      stopped = true;
    },
  });
  return { response, stopped: () => stopped };
}

function depot(name: string, size: number): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Depot',
    metadata: {
      name,
      uid: name,
      creationTimestamp: '',
      resourceVersion: '1',
      annotations: { text: 'x'.repeat(size) },
    },
  };
}

test('a slow client is waited for, and gets everything in order when it reads again', () => {
  const client = new SlowClient();
  const { response } = open(client);
  for (const name of ['a', 'b', 'c']) response.next([{ type: 'ADDED', object: depot(name, 10) }]);
  assert.equal(client.written.length, 1);
  client.reads = true;
  client.emit('drain');
  const names = client.written.map(
    (line) => (JSON.parse(line) as { object: ApiObject }).object.metadata.name,
  );
  assert.deepEqual(names, ['a', 'b', 'c']);
});

test('a client that falls too far behind is cut off', () => {
  const client = new SlowClient();
  const { response, stopped } = open(client);
  const object = depot('a', WATCH_QUEUE_BYTES_MAX / 4);
  for (let count = 0; count < 4; count++) response.next([{ type: 'MODIFIED', object }]);
  assert.equal(client.destroyed, false);
  response.next([{ type: 'MODIFIED', object }]);
  assert.deepEqual([client.destroyed, stopped()], [true, true]);
});

test('the present state at the start may be of any size', () => {
  const client = new SlowClient();
  const { response } = open(client);
  response.next([{ type: 'ADDED', object: depot('a', WATCH_QUEUE_BYTES_MAX * 2) }]);
  response.next([{ type: 'ADDED', object: depot('b', 10) }]);
  assert.equal(client.destroyed, false);
});
