import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { Container, PodSpec } from '../../types.ts';

/** Calls `visit` for every container of a pod with its path: those that prepare first, then the application's, then the added ones. */
export function eachContainer(
  spec: DeepReadonly<PodSpec>,
  path: string,
  visit: (container: DeepReadonly<Container>, path: string) => void,
): void {
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[field]?.forEach((container, index) => {
      visit(container, `${path}.${field}[${index}]`);
    });
  }
}
