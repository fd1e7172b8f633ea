import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  applyStorageClassDefaults,
  DEFAULT_CLASS_ANNOTATION,
  defaultStorageClass,
  type StorageClass,
  validateStorageClass,
  validateStorageClassChange,
} from './index.ts';

function storageClass(fields: object = {}, name = 'c', createdAt = '2026-01-01T00:00:00Z'): StorageClass {
  const annotations = { [DEFAULT_CLASS_ANNOTATION]: 'true' };
  const metadata = { name, annotations, uid: '', resourceVersion: '', creationTimestamp: createdAt };
  const kind = 'StorageClass';
  const made = { apiVersion: 'storage.k8s.io/v1', kind, metadata, provisioner: 'example.com/p', ...fields };
  applyStorageClassDefaults(made as StorageClass);
  return made as StorageClass;
}

const told = (made: StorageClass): string[] => validateStorageClass(made).map((error) => error.toString());

test('a class has a provisioner, a known policy and a known binding mode', () => {
  assert.deepEqual(told(storageClass()), []);
  assert.deepEqual(
    told(storageClass({ provisioner: '', reclaimPolicy: 'Recycle', volumeBindingMode: 'Later' })),
    [
      'provisioner: Required value',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
  );
});

test('topologies name keys once and values', () => {
  const allowedTopologies = [
    {
      matchLabelExpressions: [
        { key: 'zone', values: [] },
        { key: 'zone', values: ['a', 'a'] },
        { key: 'region', values: null },
      ],
    },
  ];
  assert.deepEqual(told(storageClass({ allowedTopologies })), [
    'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
    'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "a"',
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
    'allowedTopologies[0].matchLabelExpressions[2].values: Required value',
  ]);
});

test('what volumes were made by stays', () => {
  const now = storageClass({ parameters: { a: 'b' }, allowVolumeExpansion: true });
  assert.deepEqual(
    validateStorageClassChange(now, storageClass()).map((error) => error.toString()),
    ['parameters: Invalid value: {"a":"b"}: field is immutable'],
  );
});

test('the newest of several default classes counts', () => {
  const classes = [
    storageClass({}, 'a'),
    storageClass({}, 'z', '2026-02-01T00:00:00Z'),
    storageClass({}, 'b'),
  ];
  assert.equal(defaultStorageClass(classes)?.metadata.name, 'z');
});

test('a parameter that is empty is one, and parameters stay', () => {
  const changed = storageClass({ parameters: { a: 'b', c: '' } });
  assert.deepEqual(
    validateStorageClassChange(changed, storageClass({ parameters: { a: 'b' } })).map(String),
    ['parameters: Invalid value: {"a":"b","c":""}: field is immutable'],
  );
});
