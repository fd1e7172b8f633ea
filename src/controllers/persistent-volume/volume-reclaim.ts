/** What becomes of a volume's data when its claim has gone. */
import { PROVISIONED_BY } from '../../apis/core/index.ts';
import type { Volume } from './volume-world.ts';

/** Removes a directory of this machine with all that it holds; content when it is not there. */
export type RemoveDirectory = (path: string) => Promise<void>;

/** What to do with a released volume. */
export type Reclaim =
  | { readonly action: 'keep' }
  /** Somebody else removes it: whoever made it. */
  | { readonly action: 'leave' }
  | { readonly action: 'remove'; readonly path: string }
  | { readonly action: 'fail'; readonly reason: string; readonly message: string };

const NO_RECYCLER = 'No recycler plugin found for the volume!';
const UNKNOWN_POLICY = 'Volume has unrecognized PersistentVolumeReclaimPolicy';

/**
 * Decides by the volume's policy. Of directories only those under /tmp are removed, as upstream does: whoever names
 * another in a volume would hardly want it gone.
 */
export function reclaimOf({ metadata, spec }: Volume): Reclaim {
  switch (spec.persistentVolumeReclaimPolicy ?? 'Retain') {
    case 'Retain':
      return { action: 'keep' };
    case 'Recycle':
      return { action: 'fail', reason: 'VolumeFailedRecycle', message: NO_RECYCLER };
    case 'Delete':
      break;
    default:
      return { action: 'fail', reason: 'VolumeUnknownReclaimPolicy', message: UNKNOWN_POLICY };
  }
  const maker = metadata.annotations?.[PROVISIONED_BY] ?? '';
  const fail = (message: string): Reclaim => ({ action: 'fail', reason: 'VolumeFailedDelete', message });
  if (maker.startsWith('kubernetes.io/')) return fail(`no volume plugin matched name: ${maker}`);
  if (maker !== '' || spec.csi !== undefined) return { action: 'leave' };
  if (spec.hostPath === undefined) {
    const name = JSON.stringify(metadata.name);
    return fail(`error getting deleter volume plugin for volume ${name}: no deletable volume plugin matched`);
  }
  const { path } = spec.hostPath;
  if (/^\/tmp\/.+/.test(path)) return { action: 'remove', path };
  return fail(`host_path deleter only supports /tmp/.+ but received provided ${path}`);
}
