/**
 * Gives memory back to Linux that a process holds but does not use: what its allocator has free, and pages of Node's own
 * program. Of the 55 MB of that program that a start touches (compilers, TLS, parsers), an idle process needs half at
 * most; the kernel takes the rest back only when it has nothing else left. A page that is needed again is mapped again.
 *
 * It needs `node:ffi`, of which Node warns that it is experimental; a Node without it keeps its pages.
 */
import { readFileSync, realpathSync } from 'node:fs';

/** Number of madvise's advice that those pages are not needed; the same on all of Linux. */
const MADV_DONTNEED = 4;

type Call = (...args: readonly (bigint | number)[]) => unknown;
interface ForeignFunctions {
  dlopen(
    library: null,
    functions: object,
  ): { readonly functions: Readonly<Record<'madvise' | 'malloc_trim', Call>> };
}

/** A part of the address space, from the first address up to the second. */
export type AddressRange = readonly [bigint, bigint];

/** See the file's head. Answers whether it could. */
export function giveBackPages(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const { functions } = (process.getBuiltinModule('node:ffi') as unknown as ForeignFunctions).dlopen(null, {
      madvise: { arguments: ['uint64', 'uint64', 'int32'], return: 'int32' },
      malloc_trim: { arguments: ['uint64'], return: 'int32' },
    });
    functions.malloc_trim(0n);
    const program = realpathSync(process.execPath);
    for (const [from, to] of programRanges(readFileSync('/proc/self/smaps', 'utf8'), program)) {
      functions.madvise(from, to - from, MADV_DONTNEED);
    }
    return true;
  } catch {
    // This Node has no such module, its rules forbid it, or the C library is another than glibc.
    return false;
  }
}

/**
 * Where that program's file lies in memory unchanged, so that each page can be read from the file again: what may not be
 * written, and has no page of its own, in memory or swapped out. (The linker writes to some parts before it closes them; dropping
 * those would undo its work.) Pages that count as dirty may be the file's all the same: those of a program that was installed a
 * moment ago. Takes the text of /proc/PID/smaps. Pure.
 */
export function programRanges(smaps: string, program: string): readonly AddressRange[] {
  const found: AddressRange[] = [];
  for (const part of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    const [, from, to, name] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p \S+ \S+ \d+ +(.+)$/m.exec(part) ?? [];
    const isUnchanged = /^Anonymous: +0 kB$/m.test(part) && /^Swap: +0 kB$/m.test(part);
    if (name === program && isUnchanged) found.push([BigInt(`0x${from}`), BigInt(`0x${to}`)]);
  }
  return found;
}
