/** The files of one container on disk, which are all that outlives this process. */

import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { ProcessIdentity } from '../../../apimachinery/process-identity.ts';
import { replaceFileSync } from '../../../apimachinery/replace-file.ts';
import type { ContainerConfig, Mount } from '../container.ts';
import type { ContainerView } from './namespaces.ts';

/** What is written about a container; times are wall milliseconds. */
export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly logFile: string;
  readonly createdAt: number;
  /** How it sees the machine; absent: as this process does. */
  readonly view?: ContainerView;
  /** What its pod is called; absent where an older server made it. */
  readonly hostname?: string;
  readonly startedAt: number;
  /** The supervisor; absent until it has been started. */
  readonly supervisor?: ProcessIdentity;
  /** Set when the end was seen, or when it could not be started. */
  readonly end?: ContainerEnd;
}

/** How a container ended. */
export interface ContainerEnd {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly finishedAt: number;
}

/** See the file's head. */
export class ContainerDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** What the container takes for its root, and works in. */
  get root(): string {
    return join(this.path, 'root');
  }

  rawOutput(stream: 'stdout' | 'stderr'): string {
    return join(this.path, stream);
  }

  /** The named pipe that is the container's standard input, where it has one. */
  get input(): string {
    return join(this.path, 'stdin');
  }

  /** Pid of the process that holds the standard input open; undefined where there is none. */
  holder(): number | undefined {
    const text = this.#text('holder');
    return text === '' ? undefined : Number(text);
  }

  /** Path of the container's terminal; undefined where it has none, or not yet. */
  terminal(): string | undefined {
    const text = this.#text('terminal');
    return text.startsWith('/dev/') ? text : undefined;
  }

  /**
   * Makes it, with links to what is mounted.
   *
   * @param isShown whether volumes are where the pod asks for them.
   */
  create(mounts: readonly Mount[], isShown: boolean): void {
    mkdirSync(this.root, { recursive: true, mode: 0o755 });
    for (const stream of ['stdout', 'stderr'] as const)
      writeFileSync(this.rawOutput(stream), '', { mode: 0o600 });
    // Outer mounts first, so that one inside another is refused rather than hidden; where volumes are shown, it is there already.
    const linked: string[] = [];
    for (const { name, containerPath, hostPath } of mounts.toSorted(
      (a, b) => a.containerPath.length - b.containerPath.length,
    )) {
      const link = this.inside(containerPath);
      if (link === this.root) continue;
      if (isShown && linked.some((outer) => link.startsWith(`${outer}/`))) continue;
      linked.push(link);
      mkdirSync(dirname(link), { recursive: true, mode: 0o755 });
      symlinkSync(isShown && name !== '' ? containerPath : hostPath, link);
    }
  }

  /** Where a path of the container is on this machine. */
  inside(path: string): string {
    return join(this.root, normalize(`/${path}`));
  }

  /** Writes the record, in one step. */
  write(record: ContainerRecord): void {
    replaceFileSync(join(this.path, 'container.json'), JSON.stringify(record), { mode: 0o600 });
  }

  /** The record, undefined when there is none that can be read. */
  read(): ContainerRecord | undefined {
    try {
      return JSON.parse(readFileSync(join(this.path, 'container.json'), 'utf8')) as ContainerRecord;
    } catch {
      return undefined; // It was being made when its server ended.
    }
  }

  /** Pid of the container's first process; undefined until it runs. */
  pid(): number | undefined {
    const text = this.#text('pid');
    return text === '' ? undefined : Number(text);
  }

  /** Why its volumes could not be shown; empty when they could. */
  failure(): string {
    return this.#text('failed');
  }

  /** What the supervisor wrote at the end; undefined while it has not. */
  exit(): { readonly exitCode: number; readonly at: number } | undefined {
    const text = this.#text('exit');
    if (text === '') return undefined;
    return { exitCode: Number(text), at: Math.round(statSync(join(this.path, 'exit')).mtimeMs) };
  }

  #text(name: string): string {
    try {
      return readFileSync(join(this.path, name), 'utf8').trim();
    } catch {
      return ''; // Not written yet.
    }
  }
}

/**
 * Removes a directory in which processes that left their container's session may still write. Not with `rmSync`, which gives up without
 * a word, half of it done, when an entry goes away under its hands.
 */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
