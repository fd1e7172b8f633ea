import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lackingCapabilities } from './capabilities.ts';

const ROOT = 'Name:\tnode\nCapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n';
/** What containerd leaves a container: no SYS_PTRACE, but NET_RAW. */
const CONTAINED = 'CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\n';

test('root lacks no capability, however it is written', () => {
  assert.deepEqual(lackingCapabilities(['SYS_PTRACE', 'cap_net_admin', 'ALL'], ROOT), []);
});

test('a process in a container lacks what its engine took from it', () => {
  assert.deepEqual(lackingCapabilities(['NET_RAW', 'SYS_PTRACE', 'ALL'], CONTAINED), ['SYS_PTRACE', 'ALL']);
});

test('nobody has a capability that there is not, or any where nothing tells of them', () => {
  assert.deepEqual(lackingCapabilities(['FLY'], ROOT), ['FLY']);
  assert.deepEqual(lackingCapabilities(['CHOWN'], ''), ['CHOWN']);
});
