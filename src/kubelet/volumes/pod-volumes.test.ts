import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { MemoryDisk } from './memory-disk.ts';
import { PodVolumes, type VolumeSurroundings } from './pod-volumes.ts';

const directory = mkdtempSync(join(tmpdir(), 'longshore-volumes-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('what could only be seen by mounting it is refused where containers do not see mounts', async () => {
  const around = { directory, memoryBytes: 0, mountsAreSeen: false } as unknown as VolumeSurroundings;
  const volumes = [{ name: 'm', emptyDir: { medium: 'Memory' } }];
  const pod = { metadata: {}, spec: { containers: [], volumes } } as unknown as DeepReadonly<Pod>;
  const refused = new PodVolumes(around).setUp(pod, 0, () => false);
  const why = process.getuid?.() === 0 ? 'the container runtime does not see what longshore mounts' : 'root';
  await assert.rejects(
    refused,
    new RegExp(`^VolumeError: MountVolume.SetUp failed for volume "m" : .*${why}`),
  );
});

test('a token is replaced when its time has come, and not before', async () => {
  let issued = 0;
  const sources = {
    token: async () => {
      issued += 1;
      return { token: `token ${issued}`, refreshAt: issued * 1000 };
    },
  };
  const around = {
    directory,
    sources,
    syncMs: 60_000,
    memory: new MemoryDisk('', false),
  } as unknown as VolumeSurroundings;
  const volumes = new PodVolumes(around);
  const projected = { sources: [{ serviceAccountToken: { path: 'token' } }] };
  const pod = { metadata: {}, spec: { containers: [], volumes: [{ name: 'v', projected }] } };
  await volumes.setUp(pod as unknown as DeepReadonly<Pod>, 0, () => false);
  const shown = (): string => readFileSync(join(directory, 'v/token'), 'utf8');
  assert.equal(shown(), 'token 1');
  assert.equal(volumes.refreshAt, 1000);
  assert.equal(statSync(join(directory, 'v/token')).mode & 0o777, 0o644);
  await volumes.refresh(pod as unknown as DeepReadonly<Pod>, 1000);
  assert.equal(shown(), 'token 2');
  assert.equal(volumes.refreshAt, 2000);
});
