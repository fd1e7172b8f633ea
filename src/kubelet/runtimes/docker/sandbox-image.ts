/** The image of sandboxes, made here: one small program (pause/pause.c), so that no registry is asked for it. */
import { DockerError } from './docker-error.ts';
import type { EngineClient } from './engine-client.ts';
import { PAUSE_PROGRAMS } from './pause-programs.ts';
import { tarOf } from './tar.ts';

/** Path of the program in the image. */
export const PAUSE_PROGRAM = '/pause';
/** Name of the image; its tag changes with the program. */
export const SANDBOX_IMAGE = 'longshore.local/pause:1';

/** Other names of the machines that the program is there for. */
const MACHINES: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** Gives the engine the image unless it has it. Rejects with {@link DockerError}. */
export async function ensureSandboxImage(client: EngineClient, architecture: string): Promise<void> {
  try {
    await client.get(`/images/${SANDBOX_IMAGE}/json`);
    return;
  } catch (error) {
    if (!(error instanceof DockerError && error.code === 404)) throw error;
  }
  const program = PAUSE_PROGRAMS[MACHINES[architecture] ?? architecture];
  if (program === undefined) {
    throw new DockerError(
      0,
      `pods cannot be run on a Docker Engine for ${architecture}: only x86_64 and aarch64`,
    );
  }
  const archive = tarOf(PAUSE_PROGRAM.slice(1), Buffer.from(program, 'base64'));
  const changes = `ENTRYPOINT ["${PAUSE_PROGRAM}"]`;
  // Podman heeds a tag only as part of the name.
  await client.follow('/images/create', { fromSrc: '-', repo: SANDBOX_IMAGE, changes }, archive);
}
