import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import type { Volume, VolumeProjection } from '../../types.ts';

interface Written {
  readonly path: string;
  readonly source: string;
}

/** Warnings of volumes in which one file would lie over another, or inside of it. */
export function overlappingPathWarnings(volumes: DeepReadonly<Volume[]> | undefined): string[] {
  const warnings: string[] = [];
  for (const volume of volumes ?? []) {
    const name = JSON.stringify(volume.name);
    const check = (kind: string, files: readonly Written[]): void => {
      for (const overlap of overlaps(files)) {
        warnings.push(`volume ${name} (${kind}): overlapping paths: ${overlap}`);
      }
    };
    const { configMap, secret, downwardAPI, projected } = volume;
    if (configMap) check(`ConfigMap ${JSON.stringify(configMap.name ?? '')}`, written(configMap.items, ''));
    if (secret) check(`Secret ${JSON.stringify(secret.secretName ?? '')}`, written(secret.items, ''));
    if (downwardAPI) check('DownwardAPI', written(downwardAPI.items, ''));
    if (!projected) continue;
    for (const source of projected.sources ?? []) {
      if (Object.keys(source).length === 0) {
        warnings.push(`volume ${name} (Projected) has no sources provided`);
      }
    }
    check('Projected', (projected.sources ?? []).flatMap(projectedFiles));
  }
  return warnings;
}

function written(items: readonly { readonly path?: string }[] | undefined, source: string): Written[] {
  return (items ?? []).map(({ path = '' }) => ({ path, source }));
}

function projectedFiles(source: DeepReadonly<VolumeProjection>): Written[] {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap?.items) return written(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return written(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return written(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? [{ path: serviceAccountToken.path ?? '', source: 'ServiceAccountToken' }] : [];
}

/** Overlaps of one volume after which no more are looked for: many times what an answer has room for. */
const OVERLAPS_MAX = 100;

function overlaps(files: readonly Written[]): string[] {
  const found: string[] = [];
  const before: Written[] = [];
  const taken = new Set<string>();
  /** The folders that hold what was taken. */
  const folders = new Set<string>();
  for (const file of files) {
    const path = file.path.replace(/\/+$/, '');
    const above = foldersOf(path);
    // Most files lie over no other: that is seen without a look at each of those.
    const hit = taken.has(path) || folders.has(path) || above.some((folder) => taken.has(folder));
    for (const other of hit && path !== '' && found.length < OVERLAPS_MAX ? before : []) {
      if (other.path === '') continue;
      if (`${other.path}/`.startsWith(`${path}/`) || `${path}/`.startsWith(`${other.path}/`)) {
        found.push(`${shown({ ...file, path })} with ${shown(other)}`);
      }
    }
    before.push({ ...file, path });
    taken.add(path);
    for (const folder of above) folders.add(folder);
  }
  return found;
}

/** Levels of a path that are told apart; a deeper path than the longest that Linux takes is refused elsewhere. */
const LEVELS_MAX = 2048;

function foldersOf(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0 && folders.length < LEVELS_MAX; at = path.indexOf('/', at + 1))
    folders.push(path.slice(0, at));
  return folders;
}

function shown({ path, source }: Written): string {
  return source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`;
}
