/**
 * The structure of every served kind: Kubernetes 1.36's OpenAPI definitions and the wire facts of its Go types, and the
 * schemas compiled from them. The two data files are facts about the API; no text of Kubernetes' documentation is in them.
 */
import { type Definitions, SchemaSet, type WireFormat } from '../../apimachinery/schema/index.ts';
import data from './definitions.json' with { type: 'json' };
import wireFormat from './wire-format.json' with { type: 'json' };

/** The schemas of all kinds of this package. */
export const schemas = new SchemaSet(data.definitions as Definitions, wireFormat as WireFormat);
