/** Writes a secret file so that nobody ever sees half of it, or sees it with wider permissions than its owner's. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFileSync } from '../../apimachinery/replace-file.ts';
import { fileProblem } from './kubeconfig-error.ts';

/** Replaces `file` by `content`, mode 0600, in one step; makes its directory (0700) where there is none. @throws {KubeconfigError} */
export function writeSecretFile(file: string, content: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    replaceFileSync(file, content, { mode: 0o600, flush: true });
  } catch (cause) {
    throw fileProblem(file, 'written', cause);
  }
}
