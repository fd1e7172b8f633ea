/** The verbs about images: their options, and which file does the work. */
import type { Command } from 'commander';

/** Adds `image build`, `load` and `ls`. */
export function addImageVerbs(root: Command): void {
  const image = root.command('image').description("build, load and list images on this machine's runtime");
  const runtime = [
    '--runtime <runtime>',
    'whose images: auto, cri[=ENDPOINT], docker[=SOCKET]',
    'auto',
  ] as const;
  image
    .command('build')
    .description('build a Dockerfile with docker or buildah and give the image to the runtime')
    .argument('<directory>', 'the build context')
    .requiredOption('-t, --tag <name>', 'name of the image, as a pod will ask for it')
    .option('-f, --file <dockerfile>', 'the Dockerfile (default: Dockerfile in the directory)')
    .option(...runtime)
    .action(async (directory: string, options: object) => {
      const { imageBuild } = await import('./image.ts');
      process.exitCode = await imageBuild(directory, options as Parameters<typeof imageBuild>[1]);
    });
  image
    .command('load')
    .description('give the images of a docker or OCI archive to the runtime')
    .argument('<archive>', 'a .tar as docker save or buildah push writes it')
    .option(...runtime)
    .action(async (archive: string, options: object) => {
      const { imageLoad } = await import('./image.ts');
      process.exitCode = await imageLoad(archive, options as Parameters<typeof imageLoad>[1]);
    });
  image
    .command('ls')
    .description('list the images that the runtime has')
    .option(...runtime)
    .option('-o, --output <format>', "'json' for programs")
    .action(async (options: object) => {
      const { imageList } = await import('./image.ts');
      process.exitCode = await imageList(options as Parameters<typeof imageList>[0]);
    });
}
