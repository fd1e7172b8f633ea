import { type DeepReadonly, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { podsOfClaims } from '../../apis/core/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
  PODS,
  type Reconciler,
  STORAGECLASSES,
} from '../../client/index.ts';
import { ClaimBinder } from './claim-binder.ts';
import { VolumeKeeper } from './volume-keeper.ts';
import type { RemoveDirectory } from './volume-reclaim.ts';
import { type VolumeWorld, writesOf } from './volume-world.ts';

const CLAIM = 'claim ';
const VOLUME = 'volume ';

/**
 * The controller as a component. `removeDirectory` empties what a volume of this machine's disk held; it rejects when it
 * cannot.
 */
export function newPersistentVolumeController(
  context: ComponentContext,
  removeDirectory: RemoveDirectory,
): Component {
  const { client, clock, log, metrics } = context;
  const claims = context.informer(PERSISTENTVOLUMECLAIMS);
  const volumes = context.informer(PERSISTENTVOLUMES);
  const classes = context.informer(STORAGECLASSES);
  const pods = context.informer(PODS);
  pods.addIndex('claim', podsOfClaims);
  const queue = newWorkqueue({ name: 'volumes', clock, metrics });
  const claimChanged = (claim: DeepReadonly<PersistentVolumeClaim>): void => {
    queue.add(CLAIM + objectKey(claim));
    const { volumeName } = claim.spec;
    if (volumeName) queue.add(VOLUME + volumeName);
  };
  const lookAtPending = (): void => {
    for (const claim of claims.lister.list()) {
      if (claim.status.phase !== 'Bound') queue.add(CLAIM + objectKey(claim));
    }
  };
  const volumeChanged = ({ metadata, spec }: DeepReadonly<PersistentVolume>): void => {
    queue.add(VOLUME + metadata.name);
    const { namespace, name } = spec.claimRef ?? {};
    if (name) queue.add(`${CLAIM}${namespace ?? ''}/${name}`);
    else lookAtPending();
  };
  claims.onChange({ added: claimChanged, updated: claimChanged, deleted: claimChanged });
  volumes.onChange({ added: volumeChanged, updated: volumeChanged, deleted: volumeChanged });
  classes.onChange({ added: lookAtPending, updated: lookAtPending });
  const world: VolumeWorld = {
    claims: claims.lister,
    volumes: volumes.lister,
    classes: classes.lister,
    pods: pods.lister,
    events: context.recorder('persistentvolume-controller'),
    writes: writesOf(client),
  };
  const binder = new ClaimBinder(world);
  const keeper = new VolumeKeeper(world, removeDirectory, (key) => queue.add(CLAIM + key));
  const reconciler: Reconciler = {
    async sync(key) {
      if (key.startsWith(VOLUME)) {
        await keeper.sync(key.slice(VOLUME.length));
        return undefined;
      }
      const { namespace, name } = splitObjectKey(key.slice(CLAIM.length));
      await binder.sync(namespace, name);
      return undefined;
    },
  };
  return newController({
    name: 'persistentvolume-binder-controller',
    reconciler,
    queue,
    log,
    informers: [claims, volumes, classes, pods],
    // One at a time: two claims must not reach for the same volume.
    workers: 1,
  });
}
