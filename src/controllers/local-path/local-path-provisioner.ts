import { type DeepReadonly, type Draft, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isNotFound } from '../../apimachinery/status-error.ts';
import { classOfClaim, PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER } from '../../apis/core/index.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../apis/core/types.ts';
import { DEFAULT_CLASS_ANNOTATION, type StorageClass } from '../../apis/storage/index.ts';
import {
  type Component,
  type ComponentContext,
  type EventRecorder,
  newController,
  newWorkqueue,
  PERSISTENTVOLUMECLAIMS,
  PERSISTENTVOLUMES,
  STORAGECLASSES,
} from '../../client/index.ts';

/** As claims and classes name it. */
const PROVISIONER = 'longshore.dev/local-path';
const CLASS = 'local-path';
/** Keeps a volume that is deleted by hand until its directory is gone. */
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
const CLAIM = 'claim ';
const VOLUME = 'volume ';

type Claim = DeepReadonly<PersistentVolumeClaim>;
type Volume = DeepReadonly<PersistentVolume>;

/** The disk on which volumes lie. */
export interface VolumeDirectories {
  /** Makes the directory of that name, open to every user, and answers its path; content when it is there. */
  make(name: string): Promise<string>;
  /** Removes it with all that it holds; content when it is not there. */
  remove(name: string): Promise<void>;
}

/** The provisioner as a component, for the nodes of this machine. It makes the class when it starts, unless there is one. */
export function newLocalPathProvisioner(
  context: ComponentContext,
  nodes: readonly string[],
  directories: VolumeDirectories,
): Component {
  const { client, clock, log, metrics } = context;
  const claims = context.informer(PERSISTENTVOLUMECLAIMS);
  const volumes = context.informer(PERSISTENTVOLUMES);
  const classes = context.informer(STORAGECLASSES);
  const queue = newWorkqueue({ name: 'local_path', clock, metrics });
  const claimChanged = (claim: Claim): void => {
    if (isAskedOf(claim)) queue.add(CLAIM + objectKey(claim));
  };
  const volumeChanged = (volume: Volume): void => {
    if (volume.metadata.annotations?.[PROVISIONED_BY] === PROVISIONER)
      queue.add(VOLUME + volume.metadata.name);
  };
  claims.onChange({ added: claimChanged, updated: claimChanged });
  volumes.onChange({ added: volumeChanged, updated: volumeChanged });
  const events = context.recorder(PROVISIONER);
  const provisioner = new Provisioner(context, nodes, directories, events);
  const inner = newController({
    name: 'local-path-provisioner',
    reconciler: {
      async sync(key) {
        if (key.startsWith(VOLUME)) {
          await provisioner.reclaim(volumes.lister.get('', key.slice(VOLUME.length)));
          return undefined;
        }
        const { namespace, name } = splitObjectKey(key.slice(CLAIM.length));
        const claim = claims.lister.get(namespace, name);
        if (claim !== undefined && isAskedOf(claim)) {
          await provisioner.provision(claim, classes.lister.get('', classOfClaim(claim)));
        }
        return undefined;
      },
    },
    queue,
    log,
    informers: [claims, volumes, classes],
  });
  return {
    name: inner.name,
    async start() {
      try {
        await client.create(STORAGECLASSES, '', localPathClass());
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
      }
      await inner.start();
    },
    stop: () => inner.stop(),
  };
}

function localPathClass(): Draft<StorageClass> {
  return {
    metadata: { name: CLASS, annotations: { [DEFAULT_CLASS_ANNOTATION]: 'true' } },
    provisioner: PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

function isAskedOf({ metadata, spec }: Claim): boolean {
  return (
    metadata.annotations?.[STORAGE_PROVISIONER] === PROVISIONER &&
    !spec.volumeName &&
    metadata.deletionTimestamp === undefined
  );
}

class Provisioner {
  readonly #context: ComponentContext;
  readonly #nodes: readonly string[];
  readonly #directories: VolumeDirectories;
  readonly #events: EventRecorder;

  constructor(
    context: ComponentContext,
    nodes: readonly string[],
    directories: VolumeDirectories,
    events: EventRecorder,
  ) {
    this.#context = context;
    this.#nodes = nodes;
    this.#directories = directories;
    this.#events = events;
  }

  /** Makes the claim's volume when its pod goes to a node of ours, or to whichever node when it waits for none. */
  async provision(claim: Claim, storageClass: DeepReadonly<StorageClass> | undefined): Promise<void> {
    if (storageClass?.provisioner !== PROVISIONER) return;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected === undefined && storageClass.volumeBindingMode === 'WaitForFirstConsumer') return;
    const node = selected ?? this.#nodes[0];
    if (node === undefined || !this.#nodes.includes(node)) return;
    const name = `pvc-${claim.metadata.uid}`;
    try {
      if (claim.spec.volumeMode === 'Block') throw new Error('a directory is no block device');
      this.#events.event(
        claim,
        'Normal',
        'Provisioning',
        `External provisioner is provisioning volume for claim ${JSON.stringify(objectKey(claim))}`,
      );
      const path = await this.#directories.make(name);
      await this.#context.client.create(
        PERSISTENTVOLUMES,
        '',
        volumeFor(claim, storageClass, name, path, node),
      );
    } catch (error) {
      if (isAlreadyExists(error)) return;
      const why = error instanceof Error ? error.message : String(error);
      const quoted = JSON.stringify(storageClass.metadata.name);
      const message = `failed to provision volume with StorageClass ${quoted}: ${why}`;
      this.#events.event(claim, 'Warning', 'ProvisioningFailed', message);
      throw error;
    }
    this.#events.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
  }

  /** Removes the directory of a volume whose claim has gone, or that somebody deletes; then the volume. */
  async reclaim(volume: Volume | undefined): Promise<void> {
    if (volume === undefined || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
    const { metadata, status } = volume;
    const { deletionTimestamp, finalizers = [] } = metadata;
    const isDeleted = deletionTimestamp !== undefined && status.phase !== 'Bound';
    if (status.phase !== 'Released' && !isDeleted) return;
    if (!this.#nodes.some((node) => isOnNode(volume, node))) return;
    try {
      await this.#directories.remove(metadata.name);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#events.event(volume, 'Warning', 'VolumeFailedDelete', why);
      throw error;
    }
    const { client } = this.#context;
    try {
      if (deletionTimestamp === undefined) {
        await client.delete(PERSISTENTVOLUMES, '', metadata.name, { preconditions: { uid: metadata.uid } });
      }
      if (finalizers.includes(FINALIZER)) {
        const { uid } = metadata;
        const patch = { metadata: { uid, [`$deleteFromPrimitiveList/finalizers`]: [FINALIZER] } };
        const type = 'application/strategic-merge-patch+json';
        await client.patch(PERSISTENTVOLUMES, '', metadata.name, type, patch);
      }
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const HOSTNAME = 'kubernetes.io/hostname';

function isOnNode({ spec }: Volume, node: string): boolean {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(({ key, values }) => key === HOSTNAME && values?.includes(node)),
  );
}

function volumeFor(
  { metadata, spec }: Claim,
  storageClass: DeepReadonly<StorageClass>,
  name: string,
  path: string,
  node: string,
): DeepReadonly<Draft<PersistentVolume>> {
  const reclaimPolicy = storageClass.reclaimPolicy ?? 'Delete';
  const storage = spec.resources?.requests?.['storage'] ?? '0';
  return {
    metadata: {
      name,
      annotations: { [PROVISIONED_BY]: PROVISIONER },
      finalizers: reclaimPolicy === 'Delete' ? [FINALIZER] : [],
    },
    spec: {
      capacity: { storage },
      accessModes: spec.accessModes ?? [],
      volumeMode: 'Filesystem',
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: storageClass.metadata.name,
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
      hostPath: { path, type: 'DirectoryOrCreate' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: [node] }] }],
        },
      },
    },
  };
}
