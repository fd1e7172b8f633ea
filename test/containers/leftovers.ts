/** Processes that an engine may leave behind when it ends, found by what names them. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes, this one apart, whose command line is one of those looked for. */
export function processesWith(isOne: (program: string, args: readonly string[]) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return isOne(program, args);
      } catch {
        return false; // It has ended meanwhile.
      }
    })
    .map(Number);
}
