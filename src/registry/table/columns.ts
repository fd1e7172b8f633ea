import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { LabelSelector } from '../../apimachinery/meta/types.ts';
import { formatLabelSelector } from '../../apimachinery/selectors/index.ts';
import type { TableColumn } from '../../apiserver/resource.ts';
import { humanDuration } from './human-duration.ts';

/** The first column of nearly every table. */
export const nameColumn: TableColumn<ApiObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'The name of the object, unique within its namespace.',
  priority: 0,
  cell: (object) => object.metadata.name,
};

/** How long the object has existed. */
export const ageColumn: TableColumn<ApiObject> = {
  name: 'Age',
  type: 'string',
  description: 'The time since the object was created.',
  priority: 0,
  cell: (object, now) => since(object.metadata.creationTimestamp, now),
};

/** How long ago an RFC 3339 time was; `<unknown>` without one. */
export function since(time: string | undefined | null, now: number): string {
  return time ? humanDuration(now - Date.parse(time)) : '<unknown>';
}

/** A column of text. */
export function text<T>(
  name: string,
  description: string,
  cell: TableColumn<T>['cell'],
  priority = 0,
): TableColumn<T> {
  return { name, type: 'string', description, priority, cell };
}

/** What a pod template shows in a wide table. */
interface Templated {
  readonly containers: readonly { readonly name: string; readonly image?: string }[];
  readonly selector: DeepReadonly<LabelSelector> | undefined;
}

/** The wide columns of kinds with a pod template: containers, images and selector. */
export function templateColumns<T>(read: (object: DeepReadonly<T>) => Templated): readonly TableColumn<T>[] {
  return [
    text(
      'Containers',
      'Names of each container in the template.',
      (object) =>
        read(object)
          .containers.map((each) => each.name)
          .join(','),
      1,
    ),
    text(
      'Images',
      'Images referenced by each container in the template.',
      (object) =>
        read(object)
          .containers.map((each) => each.image ?? '')
          .join(','),
      1,
    ),
    text('Selector', 'Which pods belong to it.', (object) => formatLabelSelector(read(object).selector), 1),
  ];
}
