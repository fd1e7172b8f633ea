/** Asks a gRPC server for its health (grpc.health.v1.Health/Check). The two messages have one field each. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { Client, status as code, credentials, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../../apimachinery/clock.ts';
import { formatGoDuration } from '../../apimachinery/go-duration.ts';

/** By which servers tell the kubelet's questions from others. */
const USER_AGENT = 'kube-probe/1.36';
const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** Field `service` of HealthCheckRequest and `status` of HealthCheckResponse. */
const ONLY_FIELD = 1;

/** Empty when the service is healthy, else why it is not, in the words of the kubelet. */
export async function askHealth(
  address: string,
  service: string,
  timeoutSeconds: number,
  clock: Clock,
): Promise<string> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.primary_user_agent': USER_AGENT });
  const deadline = clock.now() + timeoutSeconds * 1000;
  const within = formatGoDuration(timeoutSeconds * 1000);
  try {
    if (!(await connected(client, deadline))) {
      return `timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`;
    }
    const answer = await ask(client, service, deadline);
    if (typeof answer === 'string') {
      return answer === 'SERVING' ? '' : `service unhealthy (responded with "${answer}")`;
    }
    switch (answer.code) {
      case code.UNIMPLEMENTED:
        return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${answer.details}`;
      case code.DEADLINE_EXCEEDED:
        return `timeout: health rpc did not complete within ${within}`;
      default: {
        const name = (code[answer.code] ?? 'UNKNOWN').toLowerCase().replaceAll(/(^|_)(.)/g, upper);
        return `error: health rpc probe failed: rpc error: code = ${name} desc = ${answer.details}`;
      }
    }
  } finally {
    client.close();
  }
}

/** Codes as Go's gRPC prints them: `NotFound`. */
function upper(_: string, __: string, letter: string): string {
  return letter.toUpperCase();
}

function connected(client: Client, deadline: number): Promise<boolean> {
  return new Promise((resolve) => client.waitForReady(deadline, (error) => resolve(error === undefined)));
}

function ask(client: Client, service: string, deadline: number): Promise<string | ServiceError> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      writeRequest,
      readResponse,
      service,
      { deadline },
      (error, status) => resolve(error ?? status ?? 'UNKNOWN'),
    );
  });
}

function writeRequest(service: string): Buffer {
  const writer = new BinaryWriter();
  if (service !== '') writer.tag(ONLY_FIELD, 2).string(service);
  return Buffer.from(writer.finish());
}

function readResponse(bytes: Buffer): string {
  const reader = new BinaryReader(bytes);
  let status = 0;
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === ONLY_FIELD) status = reader.int32();
    else reader.skip(type);
  }
  return STATUSES[status] ?? 'UNKNOWN';
}
