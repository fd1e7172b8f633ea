import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Volume } from '../core/types.ts';
import { type Check, plural, quoted, sortedSet } from './subject.ts';

/** Sources that hand a pod nothing of the node or of the network around it. */
const HARMLESS = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
] as const;

/** The other sources, in the order in which upstream looks for them. */
const OTHERS = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
] as const;

/** Restricted: only harmless volumes. */
export const restrictedVolumes: Check = ({ spec }) => {
  const wrong = (spec.volumes ?? []).filter((volume) => !HARMLESS.some((source) => volume[source] != null));
  if (wrong.length === 0) return undefined;
  const names = quoted(wrong.map((each) => each.name));
  const types = sortedSet(wrong.map(sourceOf));
  const uses = plural('uses', wrong.length, 'use');
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', wrong.length)} ${names} ${uses} ${plural('restricted volume type', types.length)} ${quoted(types)}`,
  };
};

function sourceOf(volume: DeepReadonly<Volume>): string {
  return OTHERS.find((source) => volume[source] != null) ?? 'unknown';
}
