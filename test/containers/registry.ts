/** A registry of the test's own, on loopback: it hands out one image, to those who know the password. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** See the file's head. */
export interface Registry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `sha256:…` of the image's manifest. */
  readonly digest: string;
  /** Manifests that were asked for and given. */
  readonly pulls: () => number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves the image of a docker archive as `/open/image:1`, and as `/closed/image:1` to user `me` with password `secret`. */
export async function startRegistry(archive: string, directory: string): Promise<Registry> {
  const blobs = new Map<string, Buffer>();
  const add = (bytes: Buffer): { readonly digest: string; readonly size: number } => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    blobs.set(digest, bytes);
    return { digest, size: bytes.length };
  };
  const place = mkdtempSync(join(directory, 'registry-'));
  execFileSync('tar', ['-C', place, '-xf', archive]);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        ...add(readFileSync(join(place, 'config.json'))),
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar',
          ...add(readFileSync(join(place, 'layer.tar'))),
        },
      ],
    }),
  );
  const { digest } = add(manifest);
  let pulls = 0;
  const server = createServer((request, response) => {
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^?]+)/.exec(request.url ?? '') ?? [];
    const password = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    // Docker asks here whether it will be asked for a password.
    const isClosed = name.startsWith('closed/') || request.url === '/v2/';
    if (isClosed && request.headers.authorization !== password) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' }).end();
      return;
    }
    const wanted = kind === 'manifests' && reference === '1' ? digest : reference;
    const bytes = /^(open|closed)\/image$/.test(name) ? blobs.get(wanted) : undefined;
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (kind === 'manifests' && request.method === 'GET') pulls += 1;
    const type = kind === 'manifests' ? MANIFEST : 'application/octet-stream';
    const headers = { 'Content-Type': type, 'Content-Length': bytes.length, 'Docker-Content-Digest': wanted };
    response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    digest,
    pulls: () => pulls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
