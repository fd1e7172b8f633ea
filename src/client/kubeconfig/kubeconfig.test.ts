import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '../../apimachinery/clock.ts';
import { temporaryDirectory } from '../../apimachinery/testing/temporary-directory.ts';
import { readAccess } from './access.ts';
import { mergeIntoKubeconfig, removeFromKubeconfig, userKubeconfig, writeKubeconfig } from './write.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const ACCESS = { server: 'https://127.0.0.1:6443', ca: PEM, cert: PEM, key: PEM };
const clock = new VirtualClock();

test('a kubeconfig that was written reads back as the same access, and only its owner may read it', async (t) => {
  const file = join(temporaryDirectory(t), 'new', 'kubeconfig');
  writeKubeconfig(file, 'longshore', ACCESS);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(await readAccess(file, clock), ACCESS);
});

const FOREIGN = `# my clusters
apiVersion: v1
kind: Config
clusters:
  - name: work # the big one
    cluster:
      server: https://work.example:6443
users:
  - name: me
    user:
      token: secret
contexts:
  - name: work
    context: { cluster: work, user: me, namespace: team }
current-context: work
`;

test('merging keeps comments and everything else, and removing brings the file back', async (t) => {
  const file = join(temporaryDirectory(t), 'config');
  writeFileSync(file, FOREIGN);
  await mergeIntoKubeconfig(file, 'longshore', ACCESS);
  const merged = readFileSync(file, 'utf8');
  for (const kept of ['# my clusters', '# the big one', '{ cluster: work, user: me, namespace: team }']) {
    assert.ok(merged.includes(kept), `${kept} is lost`);
  }
  assert.deepEqual(await readAccess(file, clock), ACCESS);
  assert.deepEqual(await readAccess(file, clock, 'work'), {
    server: 'https://work.example:6443',
    token: 'secret',
    namespace: 'team',
  });
  await mergeIntoKubeconfig(file, 'longshore', { ...ACCESS, server: 'https://127.0.0.1:7443' });
  assert.equal((await readAccess(file, clock)).server, 'https://127.0.0.1:7443');
  await removeFromKubeconfig(file, 'longshore');
  assert.equal(readFileSync(file, 'utf8'), FOREIGN.replace('current-context: work', 'current-context: ""'));
});

test('merging makes a file where there is none, and takes one that is empty or has empty lists', async (t) => {
  const root = temporaryDirectory(t);
  const empty = 'apiVersion: v1\nclusters: null\ncontexts: []\n';
  for (const [at, content] of [undefined, '', empty].entries()) {
    const file = join(root, `config-${at}`);
    if (content !== undefined) writeFileSync(file, content);
    await mergeIntoKubeconfig(file, 'longshore', ACCESS);
    assert.deepEqual(await readAccess(file, clock), ACCESS);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  }
  await removeFromKubeconfig(join(root, 'not-there'), 'longshore');
});

test('merging through a link changes the file and keeps the link', async (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, 'real'), FOREIGN);
  symlinkSync(join(root, 'real'), join(root, 'link'));
  await mergeIntoKubeconfig(join(root, 'link'), 'longshore', ACCESS);
  assert.ok(readFileSync(join(root, 'real'), 'utf8').includes('longshore'));
});

test('a kubeconfig that is broken or locked is left as it is', async (t) => {
  const file = join(temporaryDirectory(t), 'config');
  writeFileSync(file, 'clusters: [\n');
  await assert.rejects(
    mergeIntoKubeconfig(file, 'longshore', ACCESS),
    /config: it is no YAML: .*nothing was changed/,
  );
  assert.equal(readFileSync(file, 'utf8'), 'clusters: [\n');
  writeFileSync(file, FOREIGN);
  writeFileSync(`${file}.lock`, '');
  await assert.rejects(
    mergeIntoKubeconfig(file, 'longshore', ACCESS),
    /another program is changing it; .*\.lock/,
  );
  assert.equal(readFileSync(file, 'utf8'), FOREIGN);
});

test('what cannot be used is told with file, reason and advice', async (t) => {
  const root = temporaryDirectory(t);
  const file = join(root, 'config');
  await assert.rejects(readAccess(file, clock), /config: there is no such file; name another/);
  const refused = async (content: string, message: RegExp): Promise<void> => {
    writeFileSync(file, content);
    await assert.rejects(readAccess(file, clock), message);
  };
  await refused('a: [', /config: it is no YAML: /);
  await refused('just text', /it is no kubeconfig/);
  await refused('clusters: []', /it has no current-context; choose one/);
  await refused('current-context: gone', /it has no context named "gone"/);
  await refused(FOREIGN.replace('https://', 'http://'), /does not begin with https:\/\//);
  await refused(
    FOREIGN.replace('token: secret', 'exec: { command: aws }'),
    /the exec plugin, which is not supported/,
  );
  await refused(FOREIGN.replace('token: secret', 'client-key: /nope'), /nope: there is no such file/);
  await refused(
    FOREIGN.replace('token: secret', 'client-key-data: aGk='),
    /client-key-data is no base64 of a PEM/,
  );
});

test('files that a kubeconfig names are found beside it, and a token file is read anew each minute', async (t) => {
  const root = temporaryDirectory(t);
  const file = join(root, 'config');
  writeFileSync(join(root, 'ca.pem'), PEM);
  writeFileSync(join(root, 'token'), 'one\n');
  writeFileSync(
    file,
    FOREIGN.replace('token: secret', 'tokenFile: token').replace(
      'server: https',
      'certificate-authority: ca.pem\n      server: https',
    ),
  );
  const moving = new VirtualClock();
  const { ca, token } = await readAccess(file, moving);
  assert.equal(ca, PEM);
  assert.ok(typeof token === 'function');
  assert.equal(token(), 'one');
  writeFileSync(join(root, 'token'), 'two\n');
  assert.equal(token(), 'one');
  await moving.advance(60_000);
  assert.equal(token(), 'two');
});

test('the user’s kubeconfig is found as kubectl finds it', (t) => {
  const root = temporaryDirectory(t);
  writeFileSync(join(root, 'b'), '');
  chmodSync(join(root, 'b'), 0o600);
  assert.equal(userKubeconfig({ HOME: '/home/me' }), '/home/me/.kube/config');
  assert.equal(userKubeconfig({ KUBECONFIG: `${root}/a:${root}/b:${root}/c` }), `${root}/b`);
  assert.equal(userKubeconfig({ KUBECONFIG: `${root}/a:${root}/c` }), `${root}/c`);
});
