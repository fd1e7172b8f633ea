/** A runtime with CRI of a test's own, whichever program it is. */
import { type CriClient, openCri } from '../../src/kubelet/runtimes/cri/client.ts';

/** See the file's head. */
export interface CriEngine {
  readonly name: 'containerd' | 'cri-o';
  /** Path of its socket. */
  readonly endpoint: string;
  /** A directory that is removed with it. */
  readonly directory: string;
  /** Imports a docker archive for Kubernetes' pods to use. */
  importArchive(archive: string): Promise<void>;
  /** Kills it, waits that many milliseconds, and starts it again; containers go on meanwhile. */
  restart(awayMs: number): Promise<void>;
  /** Kills it, its watchers of containers and every process in its containers, as a machine that loses power does; then starts it again. */
  killAll(): Promise<void>;
  /** Ends and removes everything that it made: sandboxes, network namespaces, bridge, mounts, files. Idempotent. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Asks the runtime behind that socket something. */
export async function askCri<Answer>(
  { endpoint }: Pick<CriEngine, 'endpoint'>,
  ask: (cri: CriClient) => Promise<Answer>,
): Promise<Answer> {
  const cri = await openCri(endpoint);
  try {
    return await ask(cri);
  } finally {
    cri.close();
  }
}

/** Stops and removes every sandbox, whoever's it is. */
export function removeSandboxes(engine: Pick<CriEngine, 'endpoint'>): Promise<unknown> {
  return askCri(engine, async (cri) => {
    await Promise.all((await cri.listContainers()).map(({ id }) => cri.stopContainer(id, 0)));
    return Promise.all(
      (await cri.listPodSandbox()).map(async ({ id }) => {
        await cri.stopPodSandbox(id);
        await cri.removePodSandbox(id);
      }),
    );
  });
}
