/**
 * Where the servers of this machine enter who they are and where their data lie. What a server makes outside of a runtime
 * (control groups, mounts) cannot bear its mark, and is told by this as the work of one that is gone for ever. It is lost when
 * the machine starts anew, and so is all that it is for.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAbandoned, OWNER_LABEL, type Owner } from './owner.ts';
import type { TextMap } from './text-map.ts';

/** The machine's own, for servers of root: nobody else makes groups and mounts. */
const DIRECTORY = '/run/longshore/owners';

/** See the file's head. */
export class OwnerRegister {
  readonly #directory: string;

  /** @param directory made when it is missing. */
  constructor(directory = DIRECTORY) {
    this.#directory = directory;
  }

  /** Enters a server. Throws the system's error where the register cannot be written. */
  enter({ id, labels }: Owner): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    writeFileSync(this.#entry(id), `${JSON.stringify(labels)}\n`, { mode: 0o600 });
  }

  /** Strikes out a server of which nothing is left. */
  leave(id: string): void {
    rmSync(this.#entry(id), { force: true });
  }

  /** Servers that are gone for ever, as the owner rule has it (owner.ts). */
  abandoned(): readonly Owner[] {
    return this.#names()
      .map((name) => ({ id: name.slice(0, -SUFFIX.length), labels: this.#read(name) }))
      .filter(({ id, labels }) => labels[OWNER_LABEL] === id && isAbandoned(labels));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith(SUFFIX));
    } catch {
      return []; // Nobody has entered yet.
    }
  }

  #read(name: string): TextMap {
    try {
      return JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as TextMap;
    } catch {
      return {}; // It is being written, or was struck out.
    }
  }

  #entry(id: string): string {
    return join(this.#directory, `${id}${SUFFIX}`);
  }
}

const SUFFIX = '.json';
