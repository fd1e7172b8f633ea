import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../../apimachinery/status-error.ts';
import type { Pod } from '../../../apis/core/types.ts';

/** The container that is named, or the only one there is; throws 400 for any other. */
export function chooseContainer(pod: DeepReadonly<Pod>, asked: string): string {
  const { name } = pod.metadata;
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const names = [...initContainers, ...containers, ...ephemeralContainers].map((each) => each.name);
  if (asked !== '') {
    if (names.includes(asked)) return asked;
    throw newBadRequest(`container ${asked} is not valid for pod ${name}`);
  }
  const [only] = containers;
  if (containers.length === 1 && only) return only.name;
  const choice = containers.length === 0 ? '' : `, choose one of: [${names.join(' ')}]`;
  throw newBadRequest(`a container name must be specified for pod ${name}${choice}`);
}
