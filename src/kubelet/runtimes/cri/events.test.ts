/** How exits reach the node agent from a runtime that is no containerd: a CRI server of the test's own, over a real socket. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { systemClock } from '../../../apimachinery/clock.ts';
import { silent } from '../../../client/testing/silent-log.ts';
import { CONTAINER_NAME_LABEL, POD_UID_LABEL } from '../labels.ts';
import { OWNER_LABEL } from '../owner.ts';
import type { Runtime, RuntimeEvent } from '../runtime.ts';
import { newCriRuntime } from './cri-runtime.ts';
import { ContainerEventType, ContainerState, RuntimeService } from './generated/runtime_pb.ts';

const { method } = RuntimeService;
const owner = { id: 'events', labels: { [OWNER_LABEL]: 'events' } };

type Stream = ServerWritableStream<unknown, MessageInitShape<typeof method.getContainerEvents.output>>;

/** A runtime that has containers `a`, `b`, … and runs none of them. */
class PlayedRuntime implements AsyncDisposable {
  readonly #server = new Server();
  readonly #directory = mkdtempSync(join(tmpdir(), 'longshore-events-'));
  readonly endpoint = join(this.#directory, 'cri.sock');
  readonly ended = new Set<string>();
  /** Lists of containers that were asked for. */
  lists = 0;
  /** Streams of events that were opened and have not ended. */
  readonly streams = new Set<Stream>();
  #opened: () => void = () => {};
  #runtime: Runtime | undefined;

  /** @param hasEvents whether it has the stream of events. */
  constructor(hasEvents: boolean) {
    const labels = { [POD_UID_LABEL]: 'pod', [CONTAINER_NAME_LABEL]: 'c', ...owner.labels };
    const stateOf = (id: string): ContainerState =>
      this.ended.has(id) ? ContainerState.CONTAINER_EXITED : ContainerState.CONTAINER_RUNNING;
    const unary = <Input extends DescMessage, Output extends DescMessage>(
      each: { readonly name: string; readonly input: Input; readonly output: Output },
      answer: (request: ReturnType<typeof fromBinary<Input>>) => MessageInitShape<Output>,
    ): void => {
      const handle: handleUnaryCall<ReturnType<typeof fromBinary<Input>>, MessageInitShape<Output>> = (
        { request },
        reply,
      ) => reply(null, answer(request));
      this.#server.register(
        `/${RuntimeService.typeName}/${each.name}`,
        handle,
        (message: MessageInitShape<Output>) =>
          Buffer.from(toBinary(each.output, create(each.output, message))),
        (bytes: Buffer) => fromBinary(each.input, bytes),
        'unary',
      );
    };
    unary(method.version, () => ({ version: '0.1.0', runtimeName: 'played', runtimeApiVersion: 'v1' }));
    unary(method.status, () => ({}));
    unary(method.listContainers, () => {
      this.lists += 1;
      return {
        containers: [...this.ended].map((id) => ({ id, podSandboxId: 's', state: stateOf(id), labels })),
      };
    });
    unary(method.containerStatus, ({ containerId: id }) => ({ status: { id, state: stateOf(id), labels } }));
    if (!hasEvents) return;
    const events: handleServerStreamingCall<unknown, never> = (call) => {
      const stream = call as unknown as Stream;
      this.streams.add(stream);
      call.on('close', () => this.streams.delete(stream));
      call.on('error', () => this.streams.delete(stream));
      this.#opened();
    };
    this.#server.register(
      `/${RuntimeService.typeName}/${method.getContainerEvents.name}`,
      events,
      (message: MessageInitShape<typeof method.getContainerEvents.output>) =>
        Buffer.from(
          toBinary(method.getContainerEvents.output, create(method.getContainerEvents.output, message)),
        ),
      (bytes: Buffer) => fromBinary(method.getContainerEvents.input, bytes),
      'serverStream',
    );
  }

  /** Starts it, with a node agent's runtime before it; answers what that is told. It ends with this. */
  async begin(): Promise<Told> {
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
      this.#server.bindAsync(`unix:${this.endpoint}`, ServerCredentials.createInsecure(), done);
    });
    const { endpoint } = this;
    const runtime = await newCriRuntime({ endpoint, owner, clock: systemClock, log: silent });
    this.#runtime = runtime;
    const told = new Told();
    runtime.onEvent(told.listen);
    return told;
  }

  /** Resolves once somebody listens. */
  async listener(): Promise<Stream> {
    for (;;) {
      const [stream] = this.streams;
      if (stream !== undefined) return stream;
      await new Promise<void>((resolve) => {
        this.#opened = resolve;
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#runtime?.close();
    this.#server.forceShutdown();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Ids of containers whose exits were told, in the order of the first time: once more does no harm. */
class Told {
  readonly #ids: string[] = [];
  #news: () => void = () => {};

  readonly listen = ({ containerId, status: seen }: RuntimeEvent): void => {
    assert.equal(seen?.state, 'exited');
    if (!this.#ids.includes(containerId)) this.#ids.push(containerId);
    this.#news();
  };

  async is(ids: readonly string[]): Promise<void> {
    while (this.#ids.length < ids.length) {
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
    assert.deepEqual(this.#ids, ids);
  }
}

const stopped = (containerId: string) => ({
  containerId,
  containerEventType: ContainerEventType.CONTAINER_STOPPED_EVENT,
});

test('exits come with the events of CRI, and nobody looks at all containers again and again', {
  timeout: 30_000,
}, async () => {
  await using played = new PlayedRuntime(true);
  const told = await played.begin();
  const stream = await played.listener();
  for (const type of [ContainerEventType.CONTAINER_CREATED_EVENT, ContainerEventType.CONTAINER_STARTED_EVENT])
    stream.write({ containerId: 'a', containerEventType: type });
  played.ended.add('a');
  stream.write(stopped('a'));
  await told.is(['a']);
  const { lists } = played;
  played.ended.add('b');
  stream.write(stopped('b'));
  await told.is(['a', 'b']);
  // For the sandbox of b, and one when the stream was opened; a poll would ask on.
  assert.ok(played.lists - lists <= 2, `${played.lists - lists} lists`);
});

test('what ends while the stream of events is broken is told when it is there again', {
  timeout: 30_000,
}, async () => {
  await using played = new PlayedRuntime(true);
  const told = await played.begin();
  const first = await played.listener();
  played.ended.add('a');
  first.emit('error', { code: status.UNAVAILABLE, details: 'restarting' });
  await told.is(['a']);
  const second = await played.listener();
  assert.notEqual(second, first);
  played.ended.add('b');
  second.write(stopped('b'));
  await told.is(['a', 'b']);
  // A stream that ends without an error is opened again too.
  played.ended.add('c');
  second.end();
  await told.is(['a', 'b', 'c']);
  assert.notEqual(await played.listener(), second);
});

test('a runtime that ends the stream of events without a word is looked at again and again', {
  timeout: 30_000,
}, async () => {
  await using played = new PlayedRuntime(true);
  const told = await played.begin();
  (await played.listener()).end();
  played.ended.add('a');
  await told.is(['a']);
  played.ended.add('b');
  await told.is(['a', 'b']);
  assert.equal(played.streams.size, 0, 'it is not asked for events at once again');
});

test('a runtime without events is looked at again and again', { timeout: 30_000 }, async () => {
  await using played = new PlayedRuntime(false);
  const told = await played.begin();
  played.ended.add('a');
  await told.is(['a']);
  played.ended.add('b');
  await told.is(['a', 'b']);
});
