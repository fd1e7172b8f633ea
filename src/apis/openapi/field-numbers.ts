/**
 * The numbers of fields in Kubernetes' protobuf encoding, by definition and field; `2.6` is field 6 of the message in
 * field 2, for Go's embedded structs, which JSON shows flat. Facts about the wire, needed only by clients that send it.
 */

/** Loads the numbers: a large file that most servers never need. */
export async function loadFieldNumbers(): Promise<
  Readonly<Record<string, Readonly<Record<string, number | string>>>>
> {
  const { default: numbers } = await import('./field-numbers.json', { with: { type: 'json' } });
  return numbers as Readonly<Record<string, Readonly<Record<string, number | string>>>>;
}
