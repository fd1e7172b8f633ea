/** Writes a secret file so that nobody ever sees half of it, or sees it with wider permissions than its owner's. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileProblem } from './kubeconfig-error.ts';

/** Replaces `file` by `content`, mode 0600, in one step; makes its directory (0700) where there is none. @throws {KubeconfigError} */
export function writeSecretFile(file: string, content: string): void {
  const beside = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // A leftover of a process of the same number may have other permissions, which opening would keep.
    rmSync(beside, { force: true });
    const handle = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(beside, file);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw fileProblem(file, 'written', cause);
  }
}
