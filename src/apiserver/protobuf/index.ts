/**
 * Kubernetes' protobuf as clients in Go send it (kubectl create among them): bodies are decoded into plain JSON values by
 * the kinds' definitions and the numbers of their fields. Answers are JSON, which every client reads.
 */
export { type FieldNumbers, ProtobufDecoder } from './decoder.ts';
export { WireError } from './wire-reader.ts';
