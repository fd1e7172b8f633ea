import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestInfo } from './request-info.ts';

/** A request in short: `verb group/version resource[/subresource] namespace/name`. */
function short(method: string, url: string): string {
  const info = requestInfo(method, url);
  if (info.kind === 'path') return `${info.verb} ${info.path}`;
  const { verb, group, version, resource, subresource, namespace = '', name = '' } = info.request;
  const { rest = '' } = info.request;
  const what = subresource === undefined ? resource : `${resource}/${subresource}${rest}`;
  return `${verb} ${group}/${version} ${what} ${namespace}/${name}`;
}

const cases: [string, string, string][] = [
  ['GET', '/api/v1/namespaces', 'list /v1 namespaces /'],
  ['GET', '/api/v1/namespaces/other', 'get /v1 namespaces /other'],
  ['PUT', '/api/v1/namespaces/other/finalize', 'update /v1 namespaces/finalize /other'],
  ['GET', '/api/v1/namespaces/other/status', 'get /v1 namespaces/status /other'],
  ['GET', '/api/v1/namespaces/other/pods', 'list /v1 pods other/'],
  ['GET', '/api/v1/namespaces/other/pods/foo', 'get /v1 pods other/foo'],
  ['GET', '/api/v1/namespaces/other/pods/foo/log?container=c', 'get /v1 pods/log other/foo'],
  ['POST', '/api/v1/namespaces/other/pods/foo/binding', 'create /v1 pods/binding other/foo'],
  ['GET', '/api/v1/namespaces/other/pods/foo:80/proxy', 'get /v1 pods/proxy other/foo:80'],
  ['GET', '/api//v1/namespaces/other/pods/foo/proxy/', 'get /v1 pods/proxy/ other/foo'],
  ['PUT', '/api/v1/namespaces/o/pods/foo/proxy/a%2Fb//c/?d', 'update /v1 pods/proxy/a%2Fb//c/ o/foo'],
  ['GET', '/api/v1/nodes/n/proxy/metrics', 'get /v1 nodes/proxy/metrics /n'],
  ['GET', '/api/v1/pods', 'list /v1 pods /'],
  ['GET', '/api/v1/pods?watch=true', 'watch /v1 pods /'],
  ['GET', '/api/v1/pods?watch=false', 'list /v1 pods /'],
  ['GET', '/api/v1/watch/pods', 'watch /v1 pods /'],
  ['GET', '/api/v1/watch/namespaces/other/pods/foo', 'watch /v1 pods other/foo'],
  ['DELETE', '/api/v1/watch/namespaces/other/pods/foo', 'watch /v1 pods other/foo'],
  ['GET', '/apis/batch/v1/namespaces/other/jobs/j?watch=1', 'get batch/v1 jobs other/j'],
  ['POST', '/apis/batch/v1/namespaces/other/jobs', 'create batch/v1 jobs other/'],
  ['PATCH', '/apis/batch/v1/namespaces/other/jobs/j/status', 'patch batch/v1 jobs/status other/j'],
  ['DELETE', '/apis/batch/v1/namespaces/other/jobs', 'deletecollection batch/v1 jobs other/'],
  ['DELETE', '/apis/batch/v1/namespaces/other/jobs/j', 'delete batch/v1 jobs other/j'],
  ['GET', '/api/v1/namespaces/o/pods/a%2Fb', 'get /v1 pods/b o/a'],
  ['GET', '/apis/batch/v1/namespaces/a%20b/jobs', 'list batch/v1 jobs a b/'],
  ['GET', '/api', 'get /api'],
  ['GET', '/api/v1', 'get /api/v1'],
  ['GET', '/apis/batch/v1', 'get /apis/batch/v1'],
  ['GET', '/version', 'get /version'],
  ['OPTIONS', '/api/v1/pods', 'list /v1 pods /'],
];
for (const [method, url, expected] of cases) {
  test(`${method} ${url} is ${expected}`, () => {
    assert.equal(short(method, url), expected);
  });
}

test('parameters keep their first value', () => {
  const info = requestInfo('GET', '/api/v1/pods?limit=1&limit=2&labelSelector=a%3Db');
  assert.deepEqual(
    { ...(info.kind === 'resource' && info.request.parameters) },
    { limit: '1', labelSelector: 'a=b' },
  );
});

test('a path of which nothing follows the old words for a verb is none that can be made out', () => {
  for (const url of ['/api/v1/watch', '/apis/batch/v1/proxy/', '/apis/batch/v1/watch?a=b']) {
    const text = `Internal Server Error: "${url}": failed to create RequestInfo: unable to determine kind and namespace from url, ${url}\n`;
    assert.deepEqual(faultOf(url), { code: 500, text });
  }
});

test('a path with a percent sign that begins no byte is refused as it is by Go', () => {
  for (const url of ['/apis/batch/v1/namespaces/default/jobs/%zz', '/api/%', '/%e', '/%1g?a=b']) {
    assert.deepEqual(faultOf(url), { code: 400, text: '400 Bad Request' });
  }
  assert.equal(faultOf('/api/v1/namespaces/a%20b/pods?x=%zz'), undefined);
});

function faultOf(url: string) {
  const info = requestInfo('GET', url);
  return info.kind === 'path' ? info.fault : undefined;
}
