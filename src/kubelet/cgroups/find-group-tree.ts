/** Finds who makes the control groups of this machine's pods. */
import type { Clock } from '../../apimachinery/clock.ts';
import type { CgroupParents } from '../runtimes/runtime.ts';
import { Cgroups } from './cgroups.ts';
import type { GroupTree } from './group-tree.ts';

/** @param named how the runtime names them. Undefined where this process cannot have any made. */
export async function findGroupTree(named: CgroupParents, clock: Clock): Promise<GroupTree | undefined> {
  if (named === 'none') return undefined;
  const cgroups = await Cgroups.find(clock);
  if (named === 'path' || cgroups === undefined) return cgroups;
  if (cgroups.version === 1) return undefined;
  const [{ SliceGroups }, { Systemd }] = await Promise.all([
    import('./slice-groups.ts'),
    import('./systemd.ts'),
  ]);
  return Systemd.isHere() ? new SliceGroups(new Systemd(), cgroups) : undefined;
}
