/** A Debian base image made from Debian's packages, for Dockerfiles that would pull one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's release of the base image. */
const RELEASE = 'bookworm';

/**
 * Puts a minimal Debian under that name into an image store of buildah's own below that directory. Answers the environment
 * in which buildah uses that store, and in which docker does not answer. The packages are fetched once a machine: the
 * root file system is kept in the temporary directory.
 */
export function makeDebianBase(directory: string, name: string): NodeJS.ProcessEnv {
  const store = join(directory, 'buildah');
  mkdirSync(store, { recursive: true });
  const configuration = join(store, 'storage.conf');
  writeFileSync(
    configuration,
    `[storage]\ndriver = "overlay"\ngraphroot = "${store}/graph"\nrunroot = "${store}/run"\n`,
  );
  const env = {
    ...process.env,
    CONTAINERS_STORAGE_CONF: configuration,
    DOCKER_HOST: `unix://${store}/no-docker.sock`,
  };
  const buildah = (...args: string[]): string =>
    execFileSync('buildah', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const container = buildah('from', 'scratch');
  buildah('add', container, rootFileSystem(), '/');
  buildah('config', '--cmd', 'bash', container);
  buildah('commit', container, name);
  buildah('rm', container);
  return env;
}

function rootFileSystem(): string {
  const kept = join(tmpdir(), `longshore-test-debian-${RELEASE}.tar`);
  if (existsSync(kept)) return kept;
  const partial = `${kept}.${process.pid}.tar`;
  execFileSync('mmdebstrap', ['--variant=minbase', RELEASE, partial], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  renameSync(partial, kept);
  return kept;
}
