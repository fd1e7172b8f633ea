import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What of a test's context is needed to clean up after it. */
interface Cleanable {
  after(end: () => Promise<void>): void;
}

/** A directory that is gone after the test, once what uses it has been closed. */
export function temporaryDirectory(t: Cleanable, close?: () => Promise<void>): string {
  const directory = mkdtempSync(join(tmpdir(), 'longshore-test-'));
  t.after(async () => {
    await close?.();
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
