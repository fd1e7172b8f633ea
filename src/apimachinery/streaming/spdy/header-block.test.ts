import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createDeflate, deflateSync } from 'node:zlib';
import { HEADER_DICTIONARY } from './dictionary.ts';
import { HeaderReader, HeaderWriter } from './header-block.ts';

/** One header in the form that is compressed. */
function plain(name: string, value: string): Buffer {
  const sized = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  return Buffer.concat([Buffer.from([0, 0, 0, 1]), sized(name), sized(value)]);
}

test('headers are read as others compress them: with the dictionary, one stream for all blocks', async () => {
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY, level: 9 });
  const reader = new HeaderReader();
  for (const [name, value] of [
    ['Streamtype', 'error'],
    ['port', '8080'],
    ['accept-encoding', 'gzip\0deflate'],
  ] as const) {
    const compressed: Buffer[] = [];
    const collect = (block: Buffer): void => void compressed.push(block);
    deflate.on('data', collect);
    deflate.write(plain(name, value));
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    deflate.off('data', collect);
    const headers = await reader.read(Buffer.concat(compressed));
    assert.equal(headers[name.toLowerCase()], value.split('\0')[0]);
  }
  reader.close();
});

test('headers that are written can be read, block after block', async () => {
  const writer = new HeaderWriter();
  const reader = new HeaderReader();
  for (const headers of [{ streamtype: 'data', port: '80' }, {}, { requestid: '7' }]) {
    assert.deepEqual({ ...(await reader.read(writer.write(headers))) }, headers);
  }
  reader.close();
});

test('a few bytes that unfold into megabytes are refused, and so is what is not compressed', async () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000), { dictionary: HEADER_DICTIONARY });
  await assert.rejects(new HeaderReader().read(bomb.subarray(0, 60_000)), /too long/);
  await assert.rejects(new HeaderReader().read(Buffer.from('not zlib at all')), /headers: /);
});
