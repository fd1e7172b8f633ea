/**
 * Schemas: what a kind's objects look like. Compiled from Kubernetes' OpenAPI definitions and from facts about how Go
 * writes each field, they turn a client's JSON into the form in which Kubernetes would store and answer it.
 *
 * Guarantees: a decoded object is a copy that shares nothing with the body, has only fields that the kind has, and is the
 * same when decoded again. No member name reaches a prototype. Messages are those of Kubernetes' decoder.
 *
 * Not here: defaults and rules of a kind (`apis`), and which definitions there are (they are handed in).
 */
export { type BodyNotes, BodyText } from './body-text.ts';
export { DecodeError, type DecodeOptions } from './decoding.ts';
export type { Definition, Definitions, WireFormat } from './definition.ts';
export type { FieldSchema, MergeRules } from './field-schema.ts';
export { isGivenEmpty, shownList, shownMap } from './given-empties.ts';
export { type KindSchema, SchemaSet } from './schema.ts';
export { inWireOrder } from './wire-order.ts';
