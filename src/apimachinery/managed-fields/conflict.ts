import { goQuote } from '../go-text.ts';
import { StatusError } from '../status-error.ts';
import type { FieldSet } from './field-set.ts';
import type { Manager } from './managers.ts';

/** Fields that an apply would take from one manager. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

/** 409: the fields that an apply would take from others, each as a cause. `conflicts` are in the order of their managers. */
export function newApplyConflict(conflicts: readonly Conflict[]): StatusError {
  const listed = conflicts.map(({ manager, fields }) => ({
    who: managerText(manager),
    paths: [...fields.paths()],
  }));
  const causes = listed.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  return new StatusError(409, 'Conflict', message(listed, causes.length), { causes });
}

function message(
  listed: readonly { readonly who: string; readonly paths: readonly string[] }[],
  count: number,
): string {
  if (count === 1)
    return `Apply failed with 1 conflict: conflict with ${listed[0]?.who}: ${listed[0]?.paths[0]}`;
  const lines = listed.flatMap(({ who, paths }) => [
    `conflicts with ${who}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${count} conflicts: ${lines.join('\n')}`;
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const through = subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`;
  return `${goQuote(manager)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
