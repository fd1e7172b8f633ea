/** Container images made from what Debian has installed, as docker-archive files: no registry is asked. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The statically linked program of Debian's package busybox-static. */
const BUSYBOX = '/bin/busybox';

/** Name of the image of {@link makePauseImage}. */
export const PAUSE_IMAGE = 'longshore.test/pause:1';

/** An image whose program sleeps until it is killed, as a sandbox wants it; answers the archive's path in that directory. */
export function makePauseImage(directory: string): string {
  return makeImage(directory, [PAUSE_IMAGE], { Entrypoint: [BUSYBOX, 'sleep', '2147483647'] });
}

/** An image with busybox as shell and every small program, under each of those names; answers the archive's path. */
export function makeBusyboxImage(
  directory: string,
  names: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): string {
  return makeImage(directory, names, { Cmd: ['sh'], Labels: labels });
}

/**
 * The same with `getent`, which finds names as any dynamically linked program does: busybox's own, without a C library to load,
 * cannot look names up.
 */
export function makeResolvingImage(directory: string, names: readonly string[]): string {
  return makeImage(directory, names, { Cmd: ['sh'] }, ['/usr/bin/getent']);
}

/** A program and the shared libraries that it loads. */
function withLibraries(program: string): readonly string[] {
  const told = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [program, ...[...told.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library)];
}

/** Writes a docker-archive (docker image specification v1.2) of one layer that holds busybox. */
function makeImage(
  directory: string,
  names: readonly string[],
  config: object,
  programs: readonly string[] = [],
): string {
  const work = mkdtempSync(join(tmpdir(), 'longshore-image-'));
  try {
    const root = join(work, 'root');
    for (const folder of ['bin', 'etc', 'root', 'tmp', 'var'])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(BUSYBOX, join(root, BUSYBOX));
    for (const name of execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n')) {
      if (name !== '' && name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name));
    }
    for (const file of programs.flatMap(withLibraries)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      copyFileSync(file, join(root, file));
    }
    writeFileSync(
      join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
    );
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    const image = join(work, 'image');
    mkdirSync(image);
    const layer = join(image, 'layer.tar');
    execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '--numeric-owner', '-cf', layer, '.']);
    const description = {
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '2026-01-01T00:00:00Z',
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], ...config },
      rootfs: {
        type: 'layers',
        diff_ids: [`sha256:${createHash('sha256').update(readFileSync(layer)).digest('hex')}`],
      },
    };
    writeFileSync(join(image, 'config.json'), JSON.stringify(description));
    const manifest = [{ Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] }];
    writeFileSync(join(image, 'manifest.json'), JSON.stringify(manifest));
    const archive = join(mkdtempSync(join(directory, 'image-')), 'image.tar');
    execFileSync('tar', ['-C', image, '-cf', archive, 'config.json', 'layer.tar', 'manifest.json']);
    return archive;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
