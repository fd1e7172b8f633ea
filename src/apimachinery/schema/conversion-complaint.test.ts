import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversionComplaint, type Target } from './conversion-complaint.ts';

const complaints: readonly (readonly [unknown, string, Target, string])[] = [
  ['x', 'int32', 'scalar', 'unrecognized type: int32'],
  [true, 'int32', 'scalar', 'unrecognized type: int32'],
  [1.5, 'int32', 'scalar', 'cannot convert float64 to int32'],
  [1, 'string', 'scalar', 'cannot convert int64 to string'],
  [1, 'v1.PullPolicy', 'scalar', 'cannot convert int64 to v1.PullPolicy'],
  [1.5, 'v1.PullPolicy', 'scalar', 'unrecognized type: string'],
  [{}, 'v1.PullPolicy', 'scalar', 'unrecognized type: string'],
  [[], 'bool', 'scalar', 'unrecognized type: bool'],
  [1, 'bool', 'scalar', 'unrecognized type: bool'],
  [{}, '[]v1.Container', 'slice', 'cannot restore slice from map'],
  ['x', 'map[string]string', 'map', 'cannot restore map from string'],
  [[], 'v1.PodSpec', 'struct', 'cannot restore struct from: slice'],
  [9007199254740993n, 'v1.PodSpec', 'struct', 'cannot restore struct from: int64'],
  [true, 'int32', 'self', 'json: cannot unmarshal bool into Go value of type int32'],
  [1.5, 'int32', 'self', 'json: cannot unmarshal number 1.5 into Go value of type int32'],
];
for (const [value, goType, target, complaint] of complaints) {
  test(`after a strategic merge ${JSON.stringify(String(value))} is no ${goType}`, () => {
    assert.equal(conversionComplaint(value, goType, target), complaint);
  });
}
