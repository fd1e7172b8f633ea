import type { Definition, WireFormat } from '../../apimachinery/schema/index.ts';
import type { FieldNumbers, MessageFacts } from './message-types.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const ref = (type: string): Definition => ({ $ref: `#/definitions/${META}.${type}` });
const listOf = (items: Definition): Definition => ({ type: 'array', items });

const definitions: Readonly<Record<string, Definition>> = {
  [`${META}.PartialObjectMetadata`]: { properties: { metadata: ref('ObjectMeta') } },
  [`${META}.PartialObjectMetadataList`]: {
    properties: { metadata: ref('ListMeta'), items: listOf(ref('PartialObjectMetadata')) },
  },
};

const numbers: FieldNumbers = {
  [`${META}.PartialObjectMetadata`]: { metadata: 1 },
  [`${META}.PartialObjectMetadataList`]: { metadata: 1, items: 2 },
};

const wire: WireFormat = {};

/** The messages that the server itself makes, of whatever kinds it serves. */
export const SERVER_MESSAGES: MessageFacts = { definitions, numbers, wire };
