/** gRPC over a unix socket: calls by their generated descriptors. */

import type { DescMethod, DescMethodServerStreaming, DescMethodUnary } from '@bufbuild/protobuf';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, status as Code, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { systemClock } from '../../../apimachinery/clock.ts';
import { CriError } from './cri-error.ts';

/** Largest answer in bytes: the kubelet's own limit, which lists of thousands of containers stay below. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** How one call is bounded. */
export interface CallLimits {
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED; absent: it may take for ever. */
  readonly timeoutMs?: number;
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
}

/** What a stream tells. */
export interface StreamObserver<Message> {
  next(message: Message): void;
  /** Called once; without an error when the server ended it or it was cancelled from here. */
  end(error?: CriError): void;
}

/** One connection, made at the first call and again after it broke. Close it when done. */
export class GrpcSocket {
  readonly #client: Client;
  readonly #metadata = new Metadata();
  /** How to cancel the calls under way, some of which may take for ever: closing a client leaves them. */
  readonly #cancels = new Set<() => void>();
  #closed = false;

  /** `headers` go with every call. */
  constructor(path: string, headers: Readonly<Record<string, string>> = {}) {
    this.#client = new Client(`unix:${path}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
      'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
      // A restarted runtime is found again at once instead of after a backoff that grows to two minutes.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      // The path of the socket is no name of a host, and Go's server refuses it as one.
      'grpc.default_authority': 'localhost',
      // Two clients of one path (a test stops and starts a runtime) must not share a connection's state.
      'grpc.use_local_subchannel_pool': 1,
    });
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value);
  }

  /** One question, one answer. Rejects with {@link CriError}. */
  call<Input extends DescMessage, Output extends DescMessage>(
    method: DescMethodUnary<Input, Output>,
    request: MessageInitShape<Input>,
    { timeoutMs, signal }: CallLimits = {},
  ): Promise<MessageShape<Output>> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted || this.#closed) {
        reject(new CriError('CANCELLED', `${method.name} was cancelled`));
        return;
      }
      const cancel = (): void => call.cancel();
      const call = this.#client.makeUnaryRequest(
        pathOf(method),
        (message: MessageShape<Input>) => encode(method.input, message),
        (bytes: Buffer) => fromBinary(method.output, bytes),
        create(method.input, request),
        this.#metadata,
        timeoutMs === undefined ? {} : { deadline: systemClock.now() + timeoutMs },
        (error, answer) => {
          signal?.removeEventListener('abort', cancel);
          this.#cancels.delete(cancel);
          if (error !== null) reject(criErrorOf(error));
          else if (answer === undefined) reject(new CriError('INTERNAL', `${method.name} had no answer`));
          else resolve(answer);
        },
      );
      signal?.addEventListener('abort', cancel, { once: true });
      this.#cancels.add(cancel);
    });
  }

  /** One question, many answers. Answers how to stop listening. */
  stream<Input extends DescMessage, Output extends DescMessage>(
    method: DescMethodServerStreaming<Input, Output>,
    request: MessageInitShape<Input>,
    observer: StreamObserver<MessageShape<Output>>,
  ): () => void {
    const call = this.#client.makeServerStreamRequest(
      pathOf(method),
      (message: MessageShape<Input>) => encode(method.input, message),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      create(method.input, request),
      this.#metadata,
    );
    let over = false;
    const finish = (error?: CriError): void => {
      if (over) return;
      over = true;
      observer.end(error);
    };
    call.on('data', (message: MessageShape<Output>) => {
      if (!over) observer.next(message);
    });
    call.on('error', (error: ServiceError) => finish(criErrorOf(error)));
    call.on('end', () => finish());
    return () => {
      finish();
      call.cancel();
    };
  }

  /** Ends the connection and every call on it. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#client.close();
  }
}

const pathOf = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

function encode<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): Buffer {
  const bytes = toBinary(schema, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function criErrorOf(error: ServiceError): CriError {
  return new CriError(Code[error.code] ?? 'UNKNOWN', error.details || error.message, { cause: error });
}
