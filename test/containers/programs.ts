/**
 * Which container runtimes the tests run on: those on this machine's search path, or those that the environment names.
 *
 * `LONGSHORE_TEST_PROGRAMS` is a folder whose programs (containerd, its shim, ctr, runc, dockerd, podman, …) come before the
 * machine's own. `LONGSHORE_TEST_CRI` and `LONGSHORE_TEST_DOCKER` are sockets of runtimes that run already, for the shared
 * suite of runtimes; they have to have, or be able to pull, the image `LONGSHORE_TEST_IMAGE` (default
 * `docker.io/library/busybox:latest`). `LONGSHORE_TEST_ENGINE` says which runtime with CRI tests of pods start: `containerd`
 * (the default) or `cri-o`, with its events of pods unless `LONGSHORE_TEST_POD_EVENTS` is `false`. With `LONGSHORE_TEST_SYSTEMD`
 * containerd, Docker and Podman leave control groups to systemd.
 */
import { delimiter } from 'node:path';
import type { Runtime } from '../../src/kubelet/runtimes/runtime.ts';

const folder = process.env['LONGSHORE_TEST_PROGRAMS'];
// What the tests start is found by this path, and so is what those start: containerd its shims, they their runc.
if (folder !== undefined) process.env['PATH'] = `${folder}${delimiter}${process.env['PATH']}`;

/** The image with a shell that the shared suite runs. */
export const SUITE_IMAGE = process.env['LONGSHORE_TEST_IMAGE'] ?? 'docker.io/library/busybox:latest';

/** Whether the tests' containerd and Docker have systemd make their control groups. */
export const BY_SYSTEMD = process.env['LONGSHORE_TEST_SYSTEMD'] !== undefined;

/** The socket of a runtime that runs already and is to be tested; undefined where the tests start one. */
export function runningRuntime(kind: 'CRI' | 'DOCKER'): string | undefined {
  return process.env[`LONGSHORE_TEST_${kind}`];
}

/** Answers the name of {@link SUITE_IMAGE}, which is there from then on. */
export async function imageThere(runtime: Runtime): Promise<string> {
  if ((await runtime.images.status(SUITE_IMAGE)) === undefined) await runtime.images.pull(SUITE_IMAGE);
  return SUITE_IMAGE;
}
