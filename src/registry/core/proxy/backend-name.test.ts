import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBackendName } from './backend-name.ts';

test('the name in a path to proxy may say a port and a scheme', () => {
  assert.deepEqual(parseBackendName('web'), { secure: false, name: 'web', port: '' });
  assert.deepEqual(parseBackendName('web:80'), { secure: false, name: 'web', port: '80' });
  assert.deepEqual(parseBackendName('http:web:'), { secure: false, name: 'web', port: '' });
  assert.deepEqual(parseBackendName(':web:main'), { secure: false, name: 'web', port: 'main' });
  assert.deepEqual(parseBackendName('https:web:443'), { secure: true, name: 'web', port: '443' });
});

test('a name that is empty, of another scheme or of too many parts is none', () => {
  for (const text of ['', ':80', 'ftp:web:80', 'https::80', 'http:web:80:90']) {
    assert.equal(parseBackendName(text), undefined, text);
  }
});
