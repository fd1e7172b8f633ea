/** What an archive of images says about itself. Source: docker image specification v1.2; OCI image layout 1.1. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, systemCodeOf } from '../../apimachinery/thrown.ts';
import { LocalImageError } from './local-image-error.ts';
import { fullName } from './reference.ts';

/** Bytes of a block of a tar file; headers are one block, contents are padded to whole blocks. */
const BLOCK = 512;
/** Greatest size of an index or manifest in bytes: containerd's own limit for them is the same order. */
const INDEX_BYTES_MAX = 4 * 1024 * 1024;

/** The files that name the images of an archive. */
type Indexes = Readonly<Record<string, unknown>>;

/** An image of an archive. */
export interface ArchivedImage {
  /** Its full name. */
  readonly name: string;
  /** Which one it is in its archive, in the archive's own words; undefined where they have none for it. */
  readonly reference: string | undefined;
}

/** What an archive holds, and in which form. */
export interface ArchiveContent {
  readonly form: 'docker-archive' | 'oci-archive';
  readonly images: readonly ArchivedImage[];
}

/** The full names of the images in an archive; as {@link archiveContent}. */
export async function imageNames(archive: string): Promise<readonly string[]> {
  return (await archiveContent(archive)).images.map(({ name }) => name);
}

/**
 * The images in an archive, as `docker save`, `podman save`, `buildah push` or `skopeo copy` write it, plain or compressed
 * with gzip, each name once.
 *
 * @throws {LocalImageError} when it cannot be read, is no archive of images, or names none.
 */
export async function archiveContent(archive: string): Promise<ArchiveContent> {
  const indexes = await readIndexes(archive);
  const manifest = indexes['manifest.json'] as readonly { readonly RepoTags?: readonly string[] | null }[];
  const index = indexes['index.json'] as
    | { readonly manifests?: readonly { readonly annotations?: Readonly<Record<string, string>> }[] }
    | undefined;
  if (manifest === undefined && index === undefined) {
    throw new LocalImageError(
      `${archive} is no archive of images: make one with 'docker save' or 'buildah push NAME docker-archive:FILE'`,
    );
  }
  const isDocker = Array.isArray(manifest);
  const found = new Map<string, string | undefined>();
  if (isDocker) {
    for (const { RepoTags } of manifest) for (const name of RepoTags ?? []) found.set(fullName(name), name);
  } else {
    for (const { annotations = {} } of index?.manifests ?? []) {
      const reference = annotations['org.opencontainers.image.ref.name'];
      // A bare tag (`latest`) is no name: the specification leaves open what it belongs to.
      const own = reference !== undefined && /[/:]/.test(reference) ? reference : undefined;
      const name = annotations['io.containerd.image.name'] ?? own;
      if (name !== undefined) found.set(fullName(name), reference);
    }
  }
  if (found.size === 0) {
    throw new LocalImageError(
      `${archive} names no image: save it by name, as in 'docker save my-image:latest'`,
    );
  }
  const images = [...found].map(([name, reference]) => ({ name, reference }));
  return { form: isDocker ? 'docker-archive' : 'oci-archive', images };
}

async function readIndexes(archive: string): Promise<Indexes> {
  try {
    return await indexesOf(readArchive(archive));
  } catch (error) {
    if (error instanceof LocalImageError) throw error;
    const code = systemCodeOf(error) ?? '';
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'this user may not read it',
      EISDIR: 'it is a directory',
    };
    const reason = why[code] ?? messageOf(error);
    throw new LocalImageError(`cannot read ${archive}: ${reason}`, { cause: error });
  }
}

/** The archive's bytes, decompressed where they begin as gzip does (RFC 1952). */
async function* readArchive(archive: string): AsyncGenerator<Buffer> {
  const start = createReadStream(archive, { end: 1 });
  const magic: Buffer[] = [];
  for await (const chunk of start) magic.push(chunk as Buffer);
  const file = createReadStream(archive, { highWaterMark: 1024 * 1024 });
  if (Buffer.concat(magic).toString('hex') !== '1f8b') yield* file as AsyncIterable<Buffer>;
  // The loop over its output reports the errors of both.
  else yield* pipeline(file, createGunzip(), () => undefined) as AsyncIterable<Buffer>;
}

async function indexesOf(bytes: AsyncIterable<Buffer>): Promise<Indexes> {
  const found: Record<string, unknown> = {};
  let header = Buffer.alloc(0);
  let entry:
    | { readonly name: string; readonly size: number; readonly kept: Buffer[] | undefined }
    | undefined;
  let left = 0;
  for await (const chunk of bytes) {
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const take = Math.min(left, chunk.length - at);
        entry?.kept?.push(chunk.subarray(at, at + take));
        left -= take;
        at += take;
      } else {
        const take = Math.min(BLOCK - header.length, chunk.length - at);
        header = Buffer.concat([header, chunk.subarray(at, at + take)]);
        at += take;
        if (header.length < BLOCK) break;
        entry = entryOf(header);
        header = Buffer.alloc(0);
        left = Math.ceil(entry.size / BLOCK) * BLOCK;
      }
      if (left === 0 && entry?.kept !== undefined) {
        found[entry.name] = JSON.parse(Buffer.concat(entry.kept).subarray(0, entry.size).toString());
        entry = undefined;
      }
    }
  }
  return found;
}

/** Reads a header (POSIX ustar): only the two small files that name images are kept. */
function entryOf(header: Buffer): { name: string; size: number; kept: Buffer[] | undefined } {
  const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '').replace(/^\.\//, '');
  const isEnd = header.every((byte) => byte === 0);
  if (!isEnd && header.toString('latin1', 257, 262) !== 'ustar') {
    throw new Error('it is no tar file');
  }
  // Sizes from 8 GiB on are written as a binary number, told by the first bit.
  const binary = ((header[124] ?? 0) & 0x80) !== 0;
  const octal = header.toString('latin1', 124, 136).replace(/[\0 ].*$/s, '');
  const size = binary ? Number(header.readBigUInt64BE(128)) : Number.parseInt(octal || '0', 8);
  const isIndex = (name === 'manifest.json' || name === 'index.json') && size <= INDEX_BYTES_MAX && size > 0;
  return { name, size, kept: isIndex ? [] : undefined };
}
