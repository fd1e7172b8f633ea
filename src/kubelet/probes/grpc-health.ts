/** Asks a gRPC server for its health (grpc.health.v1.Health/Check). The two messages have one field each. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { Client, credentials } from '@grpc/grpc-js';

const STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** Field `service` of HealthCheckRequest and `status` of HealthCheckResponse. */
const ONLY_FIELD = 1;

/** @param deadline wall milliseconds. */
export function askHealth(address: string, service: string, deadline: number): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      writeRequest,
      readResponse,
      service,
      { deadline },
      (error, status) => {
        client.close();
        if (error === null && status !== undefined) resolve(status);
        else reject(error ?? new Error('no answer'));
      },
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
