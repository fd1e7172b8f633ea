/** Huge pages: their sizes in the words of Kubernetes, of container runtimes and of the kernel, and how many a machine has. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeQuantity } from '../apimachinery/quantity.ts';

/** Where the kernel has a directory for each size. */
const PAGES_DIRECTORY = '/sys/kernel/mm/hugepages';

/** What a machine has, or a pod may have, of huge pages of one size. */
export interface HugePages {
  /** Bytes of one page. */
  readonly size: number;
  /** Bytes of all of them. */
  readonly bytes: number;
}

/** The huge pages that this machine has set aside, a size each, also those of which it has none; empty where its kernel knows none. */
export async function readHugePages(directory = PAGES_DIRECTORY): Promise<readonly HugePages[]> {
  const names = await readdir(directory).catch(() => []); // Not every kernel has them, and none but Linux.
  const sizes = names.flatMap((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? []).map(Number);
  return Promise.all(
    sizes
      .toSorted((a, b) => a - b)
      .map(async (kib) => {
        const pages = await readFile(join(directory, `hugepages-${kib}kB`, 'nr_hugepages'), 'utf8');
        return { size: kib * 1024, bytes: Number(pages) * kib * 1024 };
      }),
  );
}

/** The resource that pods ask for: `hugepages-2Mi`. */
export function hugePagesResource(size: number): string {
  return `hugepages-${wholeQuantity(size, 'BinarySI').toString()}`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** The size as runtimes and the files of control groups have it: `2MB`, `1GB`. */
export function pageSizeText(size: number): string {
  const step = UNITS.findIndex((_, index) => size < 1024 ** (index + 1));
  return `${size / 1024 ** step}${UNITS[step]}`;
}
