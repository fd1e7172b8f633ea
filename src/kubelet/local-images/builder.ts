/** The programs that build a Dockerfile, and how each is asked for an archive of the result. */
import { LocalImageError } from './local-image-error.ts';
import { type ProgramEnd, runProgram } from './program.ts';

/** What to build. */
export interface BuildOrder {
  /** Full name of the image. */
  readonly name: string;
  /** The build context. */
  readonly directory: string;
  readonly dockerfile: string;
  /** Where the archive goes. */
  readonly archive: string;
  /** As DOCKER_HOST has it: the engine that is to have the image in the end; it then needs no archive of what it builds. */
  readonly dockerHost?: string;
  /** Takes what the builder prints. */
  readonly output: (text: string) => void;
}

/** The steps of a build, each a program with its arguments. */
type Steps = readonly (readonly [program: string, ...args: string[]])[];

/**
 * Builds with docker when its daemon answers, else with buildah. Answers where the result is: in the archive, or in the
 * engine that is to have it.
 *
 * @throws {LocalImageError} when neither is there, or the build fails.
 */
export async function build(order: BuildOrder): Promise<'archive' | 'engine'> {
  const { dockerHost } = order;
  const env = dockerHost === undefined ? {} : { DOCKER_HOST: dockerHost };
  const steps = await stepsOf(order, env);
  for (const [program, ...args] of steps) {
    const { exitCode } = await runProgram(program, args, order.output, env);
    if (exitCode !== 0) {
      throw new LocalImageError(
        `${program} could not build ${order.directory} (exit code ${exitCode}): what it said is above`,
      );
    }
  }
  return dockerHost !== undefined && steps[0]?.[0] === 'docker' ? 'engine' : 'archive';
}

async function stepsOf(order: BuildOrder, env: Readonly<Record<string, string>>): Promise<Steps> {
  const docker = await runProgram('docker', ['version', '--format', '{{.Server.Version}}'], undefined, env);
  if (docker.exitCode === 0) return dockerSteps(order);
  const buildah = await runProgram('buildah', ['--version']);
  if (buildah.exitCode === 0) return buildahSteps(order);
  throw new LocalImageError(
    `nothing is here to build images with (docker: ${stateOf(docker)}; buildah: ${stateOf(buildah)}): install buildah, or start docker`,
  );
}

function stateOf({ exitCode, stderr }: ProgramEnd): string {
  return exitCode === undefined ? 'not installed' : (stderr.split('\n').at(-1) ?? '');
}

function dockerSteps({ name, directory, dockerfile, archive, dockerHost }: BuildOrder): Steps {
  const build = ['docker', 'build', '--tag', name, '--file', dockerfile, directory] as const;
  return dockerHost === undefined ? [build, ['docker', 'save', '--output', archive, name]] : [build];
}

function buildahSteps({ name, directory, dockerfile, archive }: BuildOrder): Steps {
  return [
    // Isolation by chroot works without the privileges that a container's isolation needs, as in a CI sandbox.
    ['buildah', 'bud', '--isolation', 'chroot', '--layers', '--tag', name, '--file', dockerfile, directory],
    ['buildah', 'push', name, `docker-archive:${archive}:${name}`],
  ];
}
