import type { Definition, WireFormat } from '../../apimachinery/schema/index.ts';
import type { FieldNumbers, MessageFacts } from './message-types.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

const ref = (type: string): Definition => ({ $ref: `#/definitions/${META}.${type}` });
const text: Definition = { type: 'string' };
const listOf = (items: Definition): Definition => ({ type: 'array', items });

const DISCOVERY = 'io.k8s.api.apidiscovery.v2';
const discovered = (type: string): Definition => ({ $ref: `#/definitions/${DISCOVERY}.${type}` });

/** The aggregated document: its types are in no OpenAPI document. */
const discovery: Readonly<Record<string, Definition>> = {
  [`${DISCOVERY}.APIGroupDiscoveryList`]: {
    properties: { metadata: ref('ListMeta'), items: listOf(discovered('APIGroupDiscovery')) },
  },
  [`${DISCOVERY}.APIGroupDiscovery`]: {
    properties: { metadata: ref('ObjectMeta'), versions: listOf(discovered('APIVersionDiscovery')) },
  },
  [`${DISCOVERY}.APIVersionDiscovery`]: {
    properties: { version: text, resources: listOf(discovered('APIResourceDiscovery')), freshness: text },
  },
  [`${DISCOVERY}.APIResourceDiscovery`]: {
    properties: {
      resource: text,
      responseKind: ref('GroupVersionKind'),
      scope: text,
      singularResource: text,
      verbs: listOf(text),
      shortNames: listOf(text),
      categories: listOf(text),
      subresources: listOf(discovered('APISubresourceDiscovery')),
    },
  },
  [`${DISCOVERY}.APISubresourceDiscovery`]: {
    properties: { subresource: text, responseKind: ref('GroupVersionKind'), verbs: listOf(text) },
  },
  [`${META}.GroupVersionKind`]: { properties: { group: text, version: text, kind: text } },
};

const discoveryNumbers: FieldNumbers = {
  [`${DISCOVERY}.APIGroupDiscoveryList`]: { metadata: 1, items: 2 },
  [`${DISCOVERY}.APIGroupDiscovery`]: { metadata: 1, versions: 2 },
  [`${DISCOVERY}.APIVersionDiscovery`]: { version: 1, resources: 2, freshness: 3 },
  [`${DISCOVERY}.APIResourceDiscovery`]: {
    resource: 1,
    responseKind: 2,
    scope: 3,
    singularResource: 4,
    verbs: 5,
    shortNames: 6,
    categories: 7,
    subresources: 8,
  },
  [`${DISCOVERY}.APISubresourceDiscovery`]: { subresource: 1, responseKind: 2, verbs: 4 },
  [`${META}.GroupVersionKind`]: { group: 1, version: 2, kind: 3 },
};

const definitions: Readonly<Record<string, Definition>> = {
  [`${META}.PartialObjectMetadata`]: { properties: { metadata: ref('ObjectMeta') } },
  [`${META}.PartialObjectMetadataList`]: {
    properties: { metadata: ref('ListMeta'), items: listOf(ref('PartialObjectMetadata')) },
  },
  [`${META}.APIVersions`]: {
    properties: {
      versions: listOf(text),
      serverAddressByClientCIDRs: listOf(ref('ServerAddressByClientCIDR')),
    },
  },
  [`${META}.ServerAddressByClientCIDR`]: { properties: { clientCIDR: text, serverAddress: text } },
  [`${META}.APIGroupList`]: { properties: { groups: listOf(ref('APIGroup')) } },
  [`${META}.APIGroup`]: {
    properties: {
      name: text,
      versions: listOf(ref('GroupVersionForDiscovery')),
      preferredVersion: ref('GroupVersionForDiscovery'),
    },
  },
  [`${META}.GroupVersionForDiscovery`]: { properties: { groupVersion: text, version: text } },
  [`${META}.APIResourceList`]: {
    properties: { groupVersion: text, resources: listOf(ref('APIResource')) },
  },
  [`${META}.APIResource`]: {
    properties: {
      name: text,
      namespaced: { type: 'boolean' },
      kind: text,
      verbs: listOf(text),
      shortNames: listOf(text),
      singularName: text,
      categories: listOf(text),
      group: text,
      version: text,
      storageVersionHash: text,
    },
  },
};

const numbers: FieldNumbers = {
  [`${META}.PartialObjectMetadata`]: { metadata: 1 },
  [`${META}.PartialObjectMetadataList`]: { metadata: 1, items: 2 },
  [`${META}.APIVersions`]: { versions: 1, serverAddressByClientCIDRs: 2 },
  [`${META}.ServerAddressByClientCIDR`]: { clientCIDR: 1, serverAddress: 2 },
  [`${META}.APIGroupList`]: { groups: 1 },
  [`${META}.APIGroup`]: { name: 1, versions: 2, preferredVersion: 3 },
  [`${META}.GroupVersionForDiscovery`]: { groupVersion: 1, version: 2 },
  [`${META}.APIResourceList`]: { groupVersion: 1, resources: 2 },
  // Verbs are a message of their own, with the items in field 1.
  [`${META}.APIResource`]: {
    name: 1,
    namespaced: 2,
    kind: 3,
    verbs: '4.1',
    shortNames: 5,
    singularName: 6,
    categories: 7,
    group: 8,
    version: 9,
    storageVersionHash: 10,
  },
};

const wire: WireFormat = {
  [`${DISCOVERY}.APIResourceDiscovery`]: { responseKind: 'p' },
  [`${DISCOVERY}.APISubresourceDiscovery`]: { responseKind: 'p' },
};

/** The messages that the server itself makes, of whatever kinds it serves. */
export const SERVER_MESSAGES: MessageFacts = {
  definitions: { ...definitions, ...discovery },
  numbers: { ...numbers, ...discoveryNumbers },
  wire,
};
