import type { SchemaSet } from '../../apimachinery/schema/index.ts';
import type { Catalog } from '../catalog.ts';
import type { FieldNumbers } from '../protobuf/message-types.ts';
import type { ProtobufForm } from './protobuf-form.ts';

/** Loads protobuf with the first request that wants it. */
export type LoadProtobuf = () => Promise<ProtobufForm>;

/** @param numbers reads the numbers of fields, a large file. */
export function lazyProtobuf(
  catalog: Catalog,
  schemas: SchemaSet,
  numbers: () => Promise<FieldNumbers>,
): LoadProtobuf {
  let form: Promise<ProtobufForm> | undefined;
  const load = async (): Promise<ProtobufForm> => {
    const [code, facts] = await Promise.all([import('./protobuf-form.ts'), numbers()]);
    return new code.ProtobufForm(catalog, schemas, facts);
  };
  return () => {
    form ??= load();
    return form;
  };
}
