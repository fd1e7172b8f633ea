/** The images of a runtime that speaks CRI. CRI itself can only pull, so that each such runtime has a way of its own. */
import { CriError, openCri } from '../runtimes/cri/index.ts';
import type { ImageStore } from './image-store.ts';
import { LocalImageError } from './local-image-error.ts';

/** Opens the store behind that socket. Rejects with a {@link LocalImageError}. */
export async function openCriStore(endpoint: string): Promise<ImageStore> {
  try {
    const cri = await openCri(endpoint);
    const { runtimeName } = await cri.version();
    if (runtimeName === 'cri-o') return await (await import('./crio-store.ts')).openCrioStore(cri);
    return (await import('./containerd-store.ts')).openContainerdStore(cri);
  } catch (error) {
    if (!(error instanceof CriError)) throw error;
    const message = `${error.message}: start it, or name another socket with '--runtime cri=ENDPOINT'`;
    throw new LocalImageError(message, { cause: error });
  }
}
