import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from './negotiate.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('negotiate() takes the first clause that can be served, best quality first', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/yaml', 'yaml'],
    [`${TABLE},application/json`, 'json Table v1'],
    [`${TABLE.replace('v=v1', 'v=v1beta1')}`, 'json Table v1beta1'],
    [`${TABLE.replace('v=v1', 'v=v9')},application/json`, 'json'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    ['application/yaml;q=0.5,application/json;q=0.9', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'json PartialObjectMetadata v1'],
  ];
  for (const [accept, expected] of cases) {
    const { format, as, metaVersion } = negotiate(accept, {}, undefined);
    assert.equal(as === undefined ? format : `${format} ${as} ${metaVersion}`, expected);
  }
});

test('negotiate() refuses what it cannot make', () => {
  assert.throws(() => negotiate('text/html', {}, undefined), /^StatusError: 406: Not Acceptable/);
  assert.throws(
    () => negotiate('application/vnd.kubernetes.protobuf', {}, undefined),
    /only the following media types/,
  );
  assert.throws(
    () => negotiate(TABLE.replace('v=v1', 'v=v9'), {}, undefined),
    /only the following media types/,
  );
});

test('people get indented answers, and so does who asks', () => {
  assert.equal(negotiate(undefined, {}, 'curl/8').pretty, true);
  assert.equal(negotiate(undefined, { pretty: 'false' }, 'curl/8').pretty, false);
  assert.equal(negotiate(undefined, { pretty: 'true' }, 'kubectl/1').pretty, true);
  assert.equal(negotiate(undefined, {}, 'kubectl/1').pretty, false);
});
