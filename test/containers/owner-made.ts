/** Owners whose identity is chosen, for tests of one runtime alone. */
import { OWNER_LABEL, type Owner } from '../../src/kubelet/runtimes/owner.ts';

/** The owner of that id, which has no directory. */
export function ownerMade(id: string): Owner {
  return { id, labels: { [OWNER_LABEL]: id } };
}
