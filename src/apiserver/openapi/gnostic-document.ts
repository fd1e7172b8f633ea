import {
  any,
  type FieldWriter,
  flag,
  type Layout,
  list,
  message,
  named,
  text,
  within,
  writeMembers,
} from './gnostic-fields.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/**
 * An OpenAPI v2 document as the message `openapi.v2.Document` of gnostic (github.com/google/gnostic-models,
 * openapiv2/OpenAPIv2.proto), the only form in which client-go reads `/openapi/v2`. The layouts below have the numbers
 * of those members that our documents use; a member they lack ends the process through `invariant`.
 */
export function gnosticDocument(document: object): Uint8Array {
  const writer = new ProtobufWriter();
  writeMembers(writer, DOCUMENT, document);
  return writer.finish();
}

const schema = message(() => SCHEMA);

/** A schema or a boolean, each in a field of its own. */
const schemaOrBoolean: FieldWriter = (writer, number, value) =>
  writer.message(number, (inner) => {
    if (typeof value === 'boolean') inner.boolean(2, value, true);
    else schema(inner, 1, value);
  });

const SCHEMA: Layout = {
  fields: {
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    pattern: [13, text],
    uniqueItems: [16, flag],
    required: [19, list(text)],
    enum: [20, list(any)],
    additionalProperties: [21, schemaOrBoolean],
    type: [22, within(1, text)],
    items: [23, within(1, schema)],
    allOf: [24, list(schema)],
    properties: [25, within(1, named(schema))],
  },
  extensions: 31,
};

const BODY_PARAMETER: Layout = {
  fields: {
    description: [1, text],
    name: [2, text],
    in: [3, text],
    required: [4, flag],
    schema: [5, schema],
  },
  extensions: 6,
};

const QUERY_PARAMETER: Layout = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    format: [7, text],
    uniqueItems: [20, flag],
  },
  extensions: 23,
};

const PATH_PARAMETER: Layout = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    format: [6, text],
    uniqueItems: [19, flag],
  },
  extensions: 22,
};

const bodyParameter = within(
  1,
  message(() => BODY_PARAMETER),
);
const queryParameter = within(
  2,
  within(
    3,
    message(() => QUERY_PARAMETER),
  ),
);
const pathParameter = within(
  2,
  within(
    4,
    message(() => PATH_PARAMETER),
  ),
);

/** A parameter, in the one of its three forms that its place asks for. */
const parameter: FieldWriter = (writer, number, value) => {
  const { in: place } = value as { readonly in?: unknown };
  const form = place === 'body' ? bodyParameter : place === 'path' ? pathParameter : queryParameter;
  within(1, form)(writer, number, value);
};

const RESPONSE: Layout = {
  fields: { description: [1, text], schema: [2, within(1, schema)] },
  extensions: 5,
};

const OPERATION: Layout = {
  fields: {
    tags: [1, list(text)],
    summary: [2, text],
    description: [3, text],
    operationId: [5, text],
    produces: [6, list(text)],
    consumes: [7, list(text)],
    parameters: [8, list(parameter)],
    responses: [
      9,
      within(
        1,
        named(
          within(
            1,
            message(() => RESPONSE),
          ),
        ),
      ),
    ],
    schemes: [10, list(text)],
    deprecated: [11, flag],
  },
  extensions: 13,
};

const operation = message(() => OPERATION);

const PATH_ITEM: Layout = {
  fields: {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    options: [6, operation],
    head: [7, operation],
    patch: [8, operation],
    parameters: [9, list(parameter)],
  },
  extensions: 10,
};

const INFO: Layout = {
  fields: { title: [1, text], version: [2, text], description: [3, text] },
  extensions: 7,
};

const DOCUMENT: Layout = {
  fields: {
    swagger: [1, text],
    info: [2, message(() => INFO)],
    paths: [8, within(2, named(message(() => PATH_ITEM)))],
    definitions: [9, within(1, named(schema))],
  },
  extensions: 16,
};
