import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate, negotiateError, negotiateWatch } from './negotiate.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

test('negotiate() takes the first clause that can be served, best quality first', () => {
  const cases: [string | undefined, string][] = [
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/yaml', 'yaml'],
    [`${TABLE},application/json`, 'json Table v1'],
    [`${TABLE.replace('v=v1', 'v=v1beta1')}`, 'json Table v1beta1'],
    [`${TABLE.replace('v=v1', 'v=v9')},application/json`, 'json'],
    [`${PROTOBUF},application/json`, 'protobuf'],
    [`*/*,${PROTOBUF}`, 'protobuf'],
    [`application/json;q=0.5,${PROTOBUF};q=0.9`, 'protobuf'],
    [`${PROTOBUF};stream=watch`, 'protobuf'],
    [`${PROTOBUF};stream=other,application/yaml`, 'yaml'],
    [`${PROTOBUF};as=Table;g=meta.k8s.io;v=v1,application/json`, 'json'],
    [`${PROTOBUF};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`, 'protobuf PartialObjectMetadata v1'],
    ['application/yaml;q=0.5,application/json;q=0.9', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'json PartialObjectMetadata v1'],
  ];
  for (const [accept, expected] of cases) {
    const { format, as, metaVersion } = negotiate(accept, {}, undefined);
    assert.equal(as === undefined ? format : `${format} ${as} ${metaVersion}`, expected);
  }
});

test('negotiate() passes tables over where there are none, and refuses who reads nothing else', () => {
  const none = (accept: string) => negotiate(accept, {}, undefined, false, false);
  assert.equal(none(`${TABLE},application/json`).as, undefined);
  assert.equal(none(TABLE.replace('Table', 'PartialObjectMetadata')).as, 'PartialObjectMetadata');
  assert.throws(() => none(TABLE), /only the following media types are accepted: application\/json,/);
});

test('negotiate() refuses what it cannot make', () => {
  assert.throws(() => negotiate('text/html', {}, undefined), /^StatusError: 406: Not Acceptable/);
  assert.throws(
    () => negotiate(`${PROTOBUF};as=Table;g=meta.k8s.io;v=v1`, {}, undefined),
    /only the following media types/,
  );
  assert.throws(
    () => negotiate(TABLE.replace('v=v1', 'v=v9'), {}, undefined),
    /only the following media types/,
  );
});

test('a wildcard for a subtype is refused, as by the router of Kubernetes', () => {
  assert.throws(() => negotiate('application/*', {}, undefined), /^StatusError: 406: Not Acceptable/);
});

test('a watch is JSON or protobuf, and YAML is refused even where JSON would do', () => {
  assert.equal(negotiateWatch(`${PROTOBUF};stream=watch`, {}).format, 'protobuf');
  assert.throws(
    () => negotiateWatch('application/yaml,application/json', {}),
    /accepted: application\/json;stream=watch, application\/vnd.kubernetes.protobuf;stream=watch$/,
  );
});

test('an error comes in what was asked for, but never as a table, and else as indented JSON', () => {
  const cases: [string | undefined, string, boolean][] = [
    [undefined, 'json', false],
    [PROTOBUF, 'protobuf', false],
    ['application/yaml', 'yaml', false],
    [`${TABLE},application/json`, 'json', false],
    [TABLE, 'json', true],
    ['text/html', 'json', true],
    ['application/*', 'json', false],
  ];
  for (const [accept, format, pretty] of cases) {
    const view = negotiateError(accept, {}, undefined);
    assert.deepEqual([view.format, view.as, view.pretty], [format, undefined, pretty], String(accept));
  }
});

test('people get indented answers, and so does who asks', () => {
  assert.equal(negotiate(undefined, {}, 'curl/8').pretty, true);
  assert.equal(negotiate(undefined, { pretty: 'false' }, 'curl/8').pretty, false);
  assert.equal(negotiate(undefined, { pretty: 'true' }, 'kubectl/1').pretty, true);
  assert.equal(negotiate(undefined, {}, 'kubectl/1').pretty, false);
});
