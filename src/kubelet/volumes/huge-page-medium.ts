/** Which pages an emptyDir of huge pages is made of. Pure. Source: pkg/volume/emptydir (rules and wording). */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { parseQuantity } from '../../apimachinery/quantity.ts';
import type { PodSpec } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';

const MEDIUM = 'HugePages';
const RESOURCE = 'hugepages-';

/** Whether an emptyDir of that medium is one of huge pages: `HugePages` or `HugePages-2Mi`. */
export function isHugePageMedium(medium: string): boolean {
  return medium === MEDIUM || medium.startsWith(`${MEDIUM}-`);
}

/** The size of a page (`2Mi`): what the medium names, or the one size that the pod asks for. Throws ConfigError for a pod that asks for none. */
export function pageSizeOf(
  medium: string,
  { containers, initContainers = [], resources }: DeepReadonly<PodSpec>,
) {
  const asked = [{ resources }, ...containers, ...initContainers].flatMap((each) =>
    Object.keys(each.resources?.requests ?? {}).filter((name) => name.startsWith(RESOURCE)),
  );
  const sizes = new Set(asked.map((name) => parseQuantity(name.slice(RESOURCE.length)).toString()));
  const [first] = sizes;
  const wanted = medium === MEDIUM ? first : parseQuantity(medium.slice(MEDIUM.length + 1)).toString();
  if (medium === MEDIUM && sizes.size > 1) {
    throw new ConfigError(`medium: ${medium} can't be used if container requests multiple huge page sizes`);
  }
  if (wanted === undefined || !sizes.has(wanted)) {
    const why = 'hugePages storage requested, but there is no resource request for huge pages';
    throw new ConfigError(`medium ${medium}: ${why}`);
  }
  return wanted;
}
