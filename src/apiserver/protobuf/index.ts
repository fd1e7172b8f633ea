/**
 * Kubernetes' protobuf as clients in Go speak it: bodies are decoded into plain JSON values, answers and watch events are
 * encoded, both by the kinds' definitions, the way Go writes each field, and the numbers of their fields.
 *
 * Guarantees: what is encoded is what a Kubernetes server of the same object would send, byte for byte.
 */
export { ProtobufDecoder } from './decoder.ts';
export { ProtobufEncoder } from './encoder.ts';
export { type FieldNumbers, MessageTypes } from './message-types.ts';
export { SERVER_MESSAGES } from './server-messages.ts';
