/**
 * Lists and maps that a body gave empty where Go leaves such out when it writes: a decoded object lacks them, but messages
 * about it show them as Go still holds them, empty and not null. They are noted on the struct that they were given to, under
 * symbols: copies by `...` have the notes too, and no JSON does. The store keeps none, see {@link forgetEmpties}.
 */
import { sortedMembers } from '../go-text.ts';

const GIVEN: unique symbol = Symbol('fields given empty');
const NOTED: unique symbol = Symbol('structs with such fields');

interface Notes {
  [GIVEN]?: string[];
  [NOTED]?: readonly object[];
}

/** Notes that a struct was given an empty list or map as that field. */
export function noteEmpty(struct: Notes, field: string): void {
  struct[GIVEN] ??= [];
  struct[GIVEN].push(field);
}

/** Notes on an object in which of its structs there are such notes. */
export function noteStructs(object: Notes, structs: readonly object[]): void {
  object[NOTED] = structs;
}

/** Whether a struct, or a copy of it, was given an empty list or map as that field. */
export function isGivenEmpty(struct: object, field: string): boolean {
  return (struct as Notes)[GIVEN]?.includes(field) === true;
}

/** The list that a struct has as that field, as messages show it: null where none was given. */
export function shownList<F extends string, T>(
  struct: { readonly [field in F]?: readonly T[] | undefined },
  field: F,
): readonly T[] | null {
  return struct[field] ?? (isGivenEmpty(struct, field) ? [] : null);
}

/** The map that a struct has as that field, as messages show it: by its keys, and null where none was given. */
export function shownMap<F extends string>(
  struct: { readonly [field in F]?: Readonly<Record<string, string>> | undefined },
  field: F,
): Readonly<Record<string, string>> | null {
  const map = struct[field];
  if (map !== undefined) return sortedMembers(map);
  return isGivenEmpty(struct, field) ? {} : null;
}

/** Takes the notes off an object that is about to be stored. */
export function forgetEmpties(object: Notes): void {
  for (const struct of object[NOTED] ?? []) delete (struct as Notes)[GIVEN];
  delete object[NOTED];
}
