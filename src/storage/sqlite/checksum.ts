import { crc32 } from 'node:zlib';

/** What a row's checksum must be: finds a row that the disk has changed. */
export function checksumOf(key: string, value: string | undefined): number {
  return crc32(value ?? '', crc32(key));
}
