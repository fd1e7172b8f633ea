/** Replaces files in one step: whoever reads one, at whatever moment, finds the old content whole, or the new one. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';

/** How a file is replaced. */
export interface Replacement {
  /** The new file's permissions, whatever the old one's were. */
  readonly mode: number;
  /**
   * Whether the content reaches the disk before it takes the old one's place, so that a loss of power cannot leave an empty
   * file. Default: false, for what is made anew when the machine starts again.
   */
  readonly flush?: boolean;
}

/** The content waits beside the file under a name that no other process takes. */
const placeBeside = (file: string): string => `${file}.${process.pid}.new`;

/** Replaces `file` by `content`, or makes it; its directory has to be there. A failure leaves the file as it was. */
export async function replaceFile(
  file: string,
  content: string,
  { mode, flush = false }: Replacement,
): Promise<void> {
  const beside = placeBeside(file);
  // A leftover of an earlier process with this pid may have other permissions, and would keep them.
  await rm(beside, { force: true });
  try {
    await writeFile(beside, content, { mode, flush, flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** As {@link replaceFile}, and done when it returns. */
export function replaceFileSync(file: string, content: string, { mode, flush = false }: Replacement): void {
  const beside = placeBeside(file);
  rmSync(beside, { force: true });
  try {
    writeFileSync(beside, content, { mode, flush, flag: 'wx' });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
