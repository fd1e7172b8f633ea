/** hostPath volumes: checks, or makes, what the pod expects to be there. Source: HostPathVolumeSource. */

import type { Stats } from 'node:fs';
import { lstat, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { HostPathVolumeSource } from '../../apis/core/types.ts';
import { ConfigError } from '../environment/config-error.ts';

/** Resolves once the path is what its `type` says; throws {@link ConfigError} when it is not. */
export async function checkHostPath({ path, type = '' }: DeepReadonly<HostPathVolumeSource>): Promise<void> {
  if (type === 'DirectoryOrCreate' && !(await exists(path)))
    await mkdir(path, { recursive: true, mode: 0o755 });
  if (type === 'FileOrCreate' && !(await exists(path))) {
    if (await exists(dirname(path))) await (await open(path, 'a', 0o644)).close();
  }
  const wanted = KINDS[type.replace('OrCreate', '')];
  if (wanted === undefined) return;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !wanted.is(found)) {
    throw new ConfigError(`hostPath type check failed: ${path} is not ${wanted.name}`);
  }
}

const KINDS: Readonly<Record<string, { readonly name: string; is(found: Stats): boolean }>> = {
  Directory: { name: 'a directory', is: (found) => found.isDirectory() },
  File: { name: 'a file', is: (found) => found.isFile() },
  Socket: { name: 'a socket file', is: (found) => found.isSocket() },
  CharDevice: { name: 'a character device', is: (found) => found.isCharacterDevice() },
  BlockDevice: { name: 'a block device', is: (found) => found.isBlockDevice() },
};

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
