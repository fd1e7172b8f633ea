/** Which sandboxes and containers a {@link RuntimeFilter} chooses, for runtimes that keep them themselves. Pure. */
import type { Container } from './container.ts';
import type { RuntimeFilter } from './runtime.ts';
import type { Sandbox } from './sandbox.ts';
import type { TextMap } from './text-map.ts';

/** Whether a sandbox is chosen. */
export function fitsSandbox(filter: RuntimeFilter, { id, labels }: Sandbox): boolean {
  return fits(filter, id, labels) && (filter.sandboxId ?? id) === id;
}

/** Whether a container is chosen. */
export function fitsContainer(filter: RuntimeFilter, { id, sandboxId, labels }: Container): boolean {
  return fits(filter, id, labels) && (filter.sandboxId ?? sandboxId) === sandboxId;
}

function fits(filter: RuntimeFilter, id: string, labels: TextMap): boolean {
  if (filter.id !== undefined && filter.id !== id) return false;
  return Object.entries(filter.labels ?? {}).every(([name, value]) => labels[name] === value);
}
