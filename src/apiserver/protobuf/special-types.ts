/** Types whose JSON is no object of their fields: what their messages hold. */
import { parseGoDuration } from '../../apimachinery/go-duration.ts';
import type { BackwardWriter } from './backward-writer.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

type WriteContent = (writer: BackwardWriter, value: unknown) => void;

/** Writes the message of each, by definition; of undefined what Go's empty value is. */
export const SPECIAL_CONTENT = {
  [`${META}.Duration`]: (writer, value) => number(writer, 1, nanoseconds(value)),
  [`${META}.Time`]: (writer, value) => time(writer, value),
  [`${META}.MicroTime`]: (writer, value) => time(writer, value),
  [`${META}.FieldsV1`]: (writer, value) => rawJson(writer, value),
  'io.k8s.apimachinery.pkg.runtime.RawExtension': (writer, value) => rawJson(writer, value),
  'io.k8s.apimachinery.pkg.api.resource.Quantity': (writer, value) =>
    text(writer, 1, (value as string | undefined) ?? '0'),
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': (writer, value) => {
    const isText = typeof value === 'string';
    text(writer, 3, isText ? value : '');
    number(writer, 2, isText ? 0 : Number(value ?? 0));
    number(writer, 1, isText ? 1 : 0);
  },
} as const satisfies Readonly<Record<string, WriteContent>>;

/** Whether a definition is one of these. */
export function isSpecial(id: string): id is keyof typeof SPECIAL_CONTENT {
  return Object.hasOwn(SPECIAL_CONTENT, id);
}

function nanoseconds(value: unknown): number {
  return typeof value === 'string' ? Number(parseGoDuration(value)) : 0;
}

/** Seconds and nanoseconds; no time at all is an empty message. */
function time(writer: BackwardWriter, value: unknown): void {
  if (typeof value !== 'string' || value === '') return;
  const [, whole = value, fraction = ''] = /^(.*)\.(\d+)Z$/.exec(value) ?? [];
  const seconds = Math.floor(Date.parse(fraction === '' ? value : `${whole}Z`) / 1000);
  number(writer, 2, Number(fraction.padEnd(9, '0').slice(0, 9)));
  number(writer, 1, seconds);
}

function rawJson(writer: BackwardWriter, value: unknown): void {
  if (value !== undefined) text(writer, 1, JSON.stringify(value));
}

function number(writer: BackwardWriter, field: number, value: number): void {
  writer.varint(value);
  writer.varint(field * 8);
}

function text(writer: BackwardWriter, field: number, value: string): void {
  const end = writer.length;
  writer.text(value);
  writer.varint(writer.length - end);
  writer.varint(field * 8 + 2);
}
