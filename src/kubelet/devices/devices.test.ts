import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceAllocator } from './device-allocator.ts';
import { givenDevices, parseExtendedResource } from './device-list.ts';

const wants = (name: string, count: string) => ({ name, resources: { limits: { 'a.b/c': count } } });

test('a resource is a number of units or a list of devices', () => {
  assert.deepEqual(parseExtendedResource('a.b/c=2'), { name: 'a.b/c', devices: ['0', '1'] });
  const { devices } = parseExtendedResource('nvidia.com/gpu=nvidia.com/gpu=0,/dev/x');
  assert.deepEqual(devices, ['nvidia.com/gpu=0', '/dev/x']);
  assert.deepEqual(givenDevices([...devices, '3']), { cdi: ['nvidia.com/gpu=0'], paths: ['/dev/x'] });
  for (const [text, message] of [
    ['gpu=1', /name it as domain\/resource/],
    ['a.b/c', /name it as domain\/resource/],
    ['a.b/c=first', /'first' is neither a number, a path, nor the CDI name/],
    ['a.b/c=/dev/x,/dev/x', /named twice/],
    ['a.b/c=99999999', /at most 10000/],
  ] as const) {
    assert.throws(() => parseExtendedResource(text), message);
  }
});

test('a device belongs to one pod, and to the same container again', () => {
  const allocator = new DeviceAllocator([parseExtendedResource('a.b/c=/dev/0,/dev/1')]);
  assert.deepEqual(allocator.capacity, { 'a.b/c': '2' });
  assert.deepEqual(allocator.allocate('p', wants('x', '1'), false), { 'a.b/c': ['/dev/0'] });
  assert.deepEqual(allocator.allocate('p', wants('x', '1'), false), { 'a.b/c': ['/dev/0'] });
  assert.deepEqual(allocator.allocate('q', wants('x', '1'), false), { 'a.b/c': ['/dev/1'] });
  assert.deepEqual(allocator.allocate('r', { name: 'none' }, false), {});
  assert.throws(
    () => allocator.allocate('r', wants('x', '1'), false),
    /Requested: 1, Available: 0, which is unexp/,
  );
  allocator.release('p');
  assert.deepEqual(allocator.allocate('r', wants('x', '1'), false), { 'a.b/c': ['/dev/0'] });
});

test('containers have the devices of init containers after them', () => {
  const allocator = new DeviceAllocator([parseExtendedResource('a.b/c=3')]);
  assert.deepEqual(allocator.allocate('p', wants('init', '1'), true), { 'a.b/c': ['0'] });
  assert.deepEqual(allocator.allocate('p', wants('one', '1'), false), { 'a.b/c': ['0'] });
  assert.deepEqual(allocator.allocate('p', wants('two', '1'), false), { 'a.b/c': ['1'] });
  allocator.adopt('q', 'x', { 'a.b/c': ['2'] }, false);
  assert.throws(() => allocator.allocate('r', wants('x', '1'), false), /Available: 0/);
});
