import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync } from '../../apimachinery/replace-file.ts';
import { generateTokenKey } from '../../registry/index.ts';

/** The key (PEM) that signs service account tokens, kept in a directory with mode 0600; made when it is missing. */
export function tokenKeyPem(directory: string): string {
  const file = join(directory, 'service-account.key');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const pem = generateTokenKey();
  replaceFileSync(file, pem, { mode: 0o600, flush: true });
  return pem;
}
