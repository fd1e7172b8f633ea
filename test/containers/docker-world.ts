/** A Docker Engine with busybox and a server on it, which all tests of a file share. */
import { after, type TestContext } from 'node:test';
import { requireKubectl } from '../harness/requirement.ts';
import { startServer, type TestServer } from '../harness/server.ts';
import type { DockerEngine } from './docker-engine.ts';
import { requireDockerd, startDockerd } from './dockerd.ts';
import { makeBusyboxImage } from './images.ts';

const BUSYBOX = 'docker.io/library/busybox:1.37';

/** See the file's head. */
export interface DockerWorld {
  readonly dockerd: DockerEngine;
  /** Replaced by a test that starts it anew. */
  server: TestServer;
}

/**
 * Answers how a test gets the world, started for the first that asks, with those further options of dockerd; undefined (and
 * the test skipped, or failed where nothing may skip) where something is missing. It ends with the file.
 */
export function sharedDockerWorld(
  options: readonly string[] = [],
): (context: TestContext) => Promise<DockerWorld | undefined> {
  let world: DockerWorld | undefined;
  after(async () => {
    await world?.server[Symbol.asyncDispose]();
    await world?.dockerd.stop();
  });
  return async (context) => {
    const able = requireDockerd(context) && requireKubectl(context);
    if (!able || world !== undefined) return able ? world : undefined;
    const dockerd = await startDockerd(options);
    try {
      await dockerd.load(makeBusyboxImage(dockerd.directory, [BUSYBOX]));
      world = { dockerd, server: await startServer(['--runtime', `docker=${dockerd.endpoint}`]) };
      return world;
    } catch (error) {
      await dockerd.stop();
      throw error;
    }
  };
}
