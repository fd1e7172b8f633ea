import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '../core/types.ts';
import { type LevelVersion, parseLevel, parseVersion, violationsOf, violationsText } from './index.ts';

function level(text: string): LevelVersion {
  const [name = '', version = 'latest'] = text.split(':');
  return { level: parseLevel(name) ?? 'restricted', version: parseVersion(version) ?? -1 };
}

type Pod = Partial<Omit<PodSpec, 'containers'>> & { readonly containers?: readonly Partial<Container>[] };

function said(as: string, pod: Pod, annotations: Record<string, string> = {}): string {
  const containers = (pod.containers ?? [{}]).map((each, at) => ({ name: 'abc'[at] ?? '', ...each }));
  const spec: PodSpec = { ...pod, containers };
  return violationsText(violationsOf(level(as), { metadata: { annotations }, spec }));
}

/** A pod that nobody has anything against. */
const STRICT: Pod = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    { name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
  ],
};

test('privileged asks for nothing, and restricted lets a strict pod in', () => {
  assert.equal(said('privileged', { hostNetwork: true }), '');
  assert.equal(said('restricted', STRICT), '');
  assert.equal(said('baseline', {}), '');
});

test('restricted tells a plain pod everything that it lacks, in one line', () => {
  assert.equal(
    said('restricted', { containers: [{}, {}] }),
    'allowPrivilegeEscalation != false (containers "a", "b" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or containers "a", "b" must set securityContext.runAsNonRoot=true), seccompProfile (pod or containers "a", "b" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
});

test('baseline refuses what a pod would share with its node', () => {
  const cases: readonly (readonly [Pod, string])[] = [
    [{ hostNetwork: true, hostIPC: true }, 'host namespaces (hostNetwork=true, hostIPC=true)'],
    [{ volumes: [{ name: 'v', hostPath: { path: '/' } }, { name: 'w' }] }, 'hostPath volumes (volume "v")'],
    [
      {
        containers: [
          { ports: [{ containerPort: 1, hostPort: 9 }] },
          { ports: [{ containerPort: 1, hostPort: 80 }] },
        ],
      },
      'hostPort (containers "a", "b" use hostPorts 80, 9)',
    ],
    [
      { containers: [{ livenessProbe: { httpGet: { port: 1, host: 'evil' } } }] },
      'probe or lifecycle host (container "a" uses probe or lifecycle host "evil")',
    ],
    [
      { securityContext: { windowsOptions: { hostProcess: true } } },
      'hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
      'forbidden sysctls (kernel.msgmax)',
    ],
  ];
  for (const [pod, text] of cases) assert.equal(said('baseline', pod), text);
});

test('baseline refuses more than the usual privileges, and tells each container that asks for them', () => {
  const cases: readonly (readonly [Container['securityContext'], string])[] = [
    [{ privileged: true }, 'privileged (container "a" must not set securityContext.privileged=true)'],
    [
      { capabilities: { add: ['SYS_ADMIN', 'NET_RAW', 'CHOWN'] } },
      'non-default capabilities (container "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
    ],
    [
      { procMount: 'Unmasked' },
      'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
    ],
    [
      { seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r' } },
      'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      { seccompProfile: { type: 'Unconfined' } },
      'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      { appArmorProfile: { type: 'Unconfined' } },
      'forbidden AppArmor profile (container "a" must not set AppArmor profile type to "Unconfined")',
    ],
  ];
  for (const [securityContext = {}, text] of cases) {
    assert.equal(said('baseline', { containers: [{ securityContext }] }), text);
  }
});

test('annotations of old switch no profile off', () => {
  assert.equal(
    said(
      'baseline',
      { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
      {
        'container.apparmor.security.beta.kubernetes.io/a': 'unconfined',
      },
    ),
    'forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/a="unconfined"")',
  );
  const seccomp = { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' };
  assert.equal(
    said('baseline:v1.18', {}, seccomp),
    'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  );
  assert.equal(said('baseline:v1.19', {}, seccomp), '');
});

test('restricted refuses root by name and by silence, and volumes that reach outside', () => {
  assert.equal(
    said('restricted', {
      ...STRICT,
      securityContext: { ...STRICT.securityContext, runAsNonRoot: false, runAsUser: 0 },
      volumes: [
        { name: 'v', hostPath: { path: '/' } },
        { name: 'n', nfs: { path: '/', server: 's' } },
        { name: 'e', emptyDir: {} },
      ],
    }),
    'restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs"), runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0)',
  );
});

test('a version asks what it asked then: sysctls, users of a pod of its own, Windows, probes', () => {
  const keepalive: Pod = {
    securityContext: { sysctls: [{ name: 'net.ipv4.tcp_keepalive_time', value: '1' }] },
  };
  assert.equal(said('baseline:v1.28', keepalive), 'forbidden sysctls (net.ipv4.tcp_keepalive_time)');
  assert.equal(said('baseline:v1.29', keepalive), '');
  const rootless: Pod = {
    ...STRICT,
    hostUsers: false,
    securityContext: { seccompProfile: { type: 'Localhost' } },
  };
  assert.match(said('restricted:v1.34', rootless), /^runAsNonRoot/);
  assert.equal(said('restricted:v1.35', rootless), '');
  const windows: Pod = { os: { name: 'windows' }, securityContext: { runAsNonRoot: true } };
  assert.match(said('restricted:v1.24', windows), /^allowPrivilegeEscalation/);
  assert.equal(said('restricted:v1.25', windows), '');
  const probe: Pod = { containers: [{ startupProbe: { tcpSocket: { port: 1, host: 'x' } } }] };
  assert.equal(said('baseline:v1.33', probe), '');
  assert.equal(said('restricted:v1.7', {}).includes('allowPrivilegeEscalation'), false);
});
