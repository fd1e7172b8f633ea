import { type DeepReadonly, type Draft, objectKey, splitObjectKey } from '../../apimachinery/meta/object.ts';
import { isAlreadyExists, isNotFound } from '../../apimachinery/status-error.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { classOfClaim, PROVISIONED_BY, SELECTED_NODE, STORAGE_PROVISIONER } from '../../apis/core/index.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../apis/core/types.ts';
import { DEFAULT_CLASS_ANNOTATION, type StorageClass } from '../../apis/storage/index.ts';
import {
  type Component,
  type ComponentContext,
  type EventRecorder,
  type Lister,
  NODES,
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
/** The key of the class itself, which is made when the first disk turns up. */
const MAKE_CLASS = 'class';

type Claim = DeepReadonly<PersistentVolumeClaim>;
type Volume = DeepReadonly<PersistentVolume>;

/** The nodes' disks, on which volumes lie. Both reject when the node does not answer. */
export interface VolumeDirectories {
  /** Makes the directory of that name, open to every user, and answers its path; content when it is there. */
  make(node: string, name: string): Promise<string>;
  /** Removes it with all that it holds; content when it is not there. */
  remove(node: string, name: string): Promise<void>;
}

/**
 * The provisioner as a component, for those nodes of this machine and for every node whose agent can be asked. It makes
 * the class when there is the first of them, unless there is a class already.
 */
export function newLocalPathProvisioner(
  context: ComponentContext,
  nodes: readonly string[],
  directories: VolumeDirectories,
): Component {
  const { client, clock, log, metrics } = context;
  const claims = context.informer(PERSISTENTVOLUMECLAIMS);
  const volumes = context.informer(PERSISTENTVOLUMES);
  const classes = context.informer(STORAGECLASSES);
  const agents = context.informer(NODES);
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
  // Without a node there is no disk, and no class either: the cluster is as Kubernetes leaves it.
  let isMade = false;
  const nodeChanged = (node: DeepReadonly<Node>): void => {
    if (!isMade && hasAgent(node)) queue.add(MAKE_CLASS);
  };
  agents.onChange({ added: nodeChanged, updated: nodeChanged });
  const events = context.recorder(PROVISIONER);
  const provisioner = new Provisioner(context, { own: nodes, all: agents.lister }, directories, events);
  const makeClass = async (): Promise<void> => {
    if (isMade) return;
    try {
      await client.create(STORAGECLASSES, '', localPathClass());
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    isMade = true;
  };
  const inner = newController({
    name: 'local-path-provisioner',
    reconciler: {
      async sync(key) {
        if (key === MAKE_CLASS) {
          await makeClass();
          return undefined;
        }
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
    informers: [claims, volumes, classes, agents],
  });
  return {
    name: inner.name,
    async start() {
      if (nodes.length > 0) await makeClass();
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

/** Whether the node has an agent that can be asked over the network. */
function hasAgent({ status }: DeepReadonly<Node>): boolean {
  return (status.daemonEndpoints?.kubeletEndpoint?.Port ?? 0) > 0;
}

/** The nodes of this machine by name, and all of the cluster. */
interface KnownNodes {
  readonly own: readonly string[];
  readonly all: Lister<Node>;
}

class Provisioner {
  readonly #context: ComponentContext;
  readonly #nodes: KnownNodes;
  readonly #directories: VolumeDirectories;
  readonly #events: EventRecorder;

  constructor(
    context: ComponentContext,
    nodes: KnownNodes,
    directories: VolumeDirectories,
    events: EventRecorder,
  ) {
    this.#context = context;
    this.#nodes = nodes;
    this.#directories = directories;
    this.#events = events;
  }

  /** Makes the claim's volume when its pod goes to a node with a disk, or on whichever when it waits for none. */
  async provision(claim: Claim, storageClass: DeepReadonly<StorageClass> | undefined): Promise<void> {
    if (storageClass?.provisioner !== PROVISIONER) return;
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected === undefined && storageClass.volumeBindingMode === 'WaitForFirstConsumer') return;
    const node = selected ?? this.#nodes.own[0] ?? this.#firstAgent();
    if (node === undefined || !this.#hasDisk(node)) return;
    const name = `pvc-${claim.metadata.uid}`;
    try {
      if (claim.spec.volumeMode === 'Block') throw new Error('a directory is no block device');
      this.#events.event(
        claim,
        'Normal',
        'Provisioning',
        `External provisioner is provisioning volume for claim ${JSON.stringify(objectKey(claim))}`,
      );
      const path = await this.#directories.make(node, name);
      await this.#context.client.create(
        PERSISTENTVOLUMES,
        '',
        volumeFor(claim, storageClass, name, path, node),
      );
    } catch (error) {
      if (isAlreadyExists(error)) return;
      const why = messageOf(error);
      const quoted = JSON.stringify(storageClass.metadata.name);
      const message = `failed to provision volume with StorageClass ${quoted}: ${why}`;
      this.#events.event(claim, 'Warning', 'ProvisioningFailed', message);
      throw error;
    }
    this.#events.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
  }

  /** A node that is not there any more has no disk either; its volumes wait, in case it comes back. */
  #hasDisk(name: string): boolean {
    if (this.#nodes.own.includes(name)) return true;
    const node = this.#nodes.all.get('', name);
    return node !== undefined && hasAgent(node);
  }

  #firstAgent(): string | undefined {
    return this.#nodes.all
      .list()
      .filter(hasAgent)
      .map(({ metadata }) => metadata.name)
      .toSorted()[0];
  }

  /** Removes the directory of a volume whose claim has gone, or that somebody deletes; then the volume. */
  async reclaim(volume: Volume | undefined): Promise<void> {
    if (volume === undefined || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
    const { metadata, status } = volume;
    const { deletionTimestamp, finalizers = [] } = metadata;
    const isDeleted = deletionTimestamp !== undefined && status.phase !== 'Bound';
    if (status.phase !== 'Released' && !isDeleted) return;
    const node = nodeOf(volume);
    if (node === undefined || !this.#hasDisk(node)) return;
    try {
      await this.#directories.remove(node, metadata.name);
    } catch (error) {
      const why = messageOf(error);
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

/** The node that alone reaches the volume. */
function nodeOf({ spec }: Volume): string | undefined {
  return spec.nodeAffinity?.required?.nodeSelectorTerms
    ?.flatMap(({ matchExpressions = [] }) => matchExpressions)
    .find(({ key }) => key === HOSTNAME)?.values?.[0];
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
