import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { terminationMessage } from './termination-message.ts';

test('the last 4096 bytes of a message are kept, and one that is missing is empty', async (context) => {
  const directory = temporaryDirectory(context);
  const messageFile = join(directory, 'message');
  const ended = { exitCode: 1, policy: 'File', messageFile, logFile: join(directory, 'log') };
  assert.equal(await terminationMessage(ended), '');
  writeFileSync(messageFile, 'short');
  assert.equal(await terminationMessage(ended), 'short');
  writeFileSync(messageFile, `begin${'x'.repeat(4093)}end`);
  assert.equal(await terminationMessage(ended), `${'x'.repeat(4093)}end`);
});
