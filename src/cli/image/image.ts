/** `longshore image build`, `load` and `ls`: images of this machine's runtime. */
import { buildImage, listImages, loadImage } from '../../cluster/index.ts';
import { wantsJson } from '../flags/output-format.ts';

/** Hexadecimal digits of an image's id that are shown, as docker does. */
const ID_DIGITS = 12;

/** Builds a Dockerfile and gives the image to the runtime; answers the exit code. What the builder prints goes to stderr. */
export async function imageBuild(
  directory: string,
  options: { readonly tag: string; readonly file?: string; readonly runtime: string },
): Promise<number> {
  const { tag, file, runtime } = options;
  const name = await buildImage({
    tag,
    directory,
    ...(file === undefined ? {} : { dockerfile: file }),
    runtime,
    output: (text) => process.stderr.write(text),
  });
  process.stdout.write(`built ${name}\n`);
  return 0;
}

/** Gives the images of an archive to the runtime; answers the exit code. */
export async function imageLoad(archive: string, options: { readonly runtime: string }): Promise<number> {
  for (const name of await loadImage(archive, options.runtime)) process.stdout.write(`loaded ${name}\n`);
  return 0;
}

/** Prints the images that the runtime has; answers the exit code. */
export async function imageList(options: {
  readonly runtime: string;
  readonly output?: string;
}): Promise<number> {
  const json = wantsJson(options.output);
  const images = await listImages(options.runtime);
  if (json) {
    process.stdout.write(`${JSON.stringify(images, null, 2)}\n`);
    return 0;
  }
  const rows = [
    ['IMAGE', 'ID', 'SIZE', 'FROM'],
    ...images.map(({ name = '<none>', id, sizeBytes, local }) => [
      name,
      id.replace(/^sha256:/, '').slice(0, ID_DIGITS),
      sizeText(sizeBytes),
      local ? 'this machine' : 'registry',
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd((widths[column] ?? -3) + 3));
    process.stdout.write(`${cells.join('').trimEnd()}\n`);
  }
  return 0;
}

/** Bytes in decimal units, three digits: `4.26 MB`. */
function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}
