import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiServerVariables, serviceVariables } from './service-variables.ts';

test('a service is told by its own variables and by those of links, each named port too', () => {
  const ports = [
    { name: 'web-ui', port: 80 },
    { name: 'dns', port: 53, protocol: 'UDP' as const },
  ];
  assert.deepEqual(Object.fromEntries(serviceVariables([{ name: 'my-svc', host: 'fd00::7', ports }])), {
    MY_SVC_SERVICE_HOST: 'fd00::7',
    MY_SVC_SERVICE_PORT: '80',
    MY_SVC_SERVICE_PORT_WEB_UI: '80',
    MY_SVC_SERVICE_PORT_DNS: '53',
    MY_SVC_PORT: 'tcp://[fd00::7]:80',
    MY_SVC_PORT_80_TCP: 'tcp://[fd00::7]:80',
    MY_SVC_PORT_80_TCP_PROTO: 'tcp',
    MY_SVC_PORT_80_TCP_PORT: '80',
    MY_SVC_PORT_80_TCP_ADDR: 'fd00::7',
    MY_SVC_PORT_53_UDP: 'udp://[fd00::7]:53',
    MY_SVC_PORT_53_UDP_PROTO: 'udp',
    MY_SVC_PORT_53_UDP_PORT: '53',
    MY_SVC_PORT_53_UDP_ADDR: 'fd00::7',
  });
});

test('a port without a name has no variable of its name; the API server is told as the service kubernetes', () => {
  const one = serviceVariables([{ name: 'a', host: '10.96.0.9', ports: [{ port: 8080 }] }]);
  assert.deepEqual(
    [...one.keys()].filter((name) => name.startsWith('A_SERVICE')),
    ['A_SERVICE_HOST', 'A_SERVICE_PORT'],
  );
  assert.deepEqual(Object.fromEntries(apiServerVariables('10.96.0.1', 443)), {
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    KUBERNETES_SERVICE_PORT_HTTPS: '443',
    KUBERNETES_PORT: 'tcp://10.96.0.1:443',
    KUBERNETES_PORT_443_TCP: 'tcp://10.96.0.1:443',
    KUBERNETES_PORT_443_TCP_PROTO: 'tcp',
    KUBERNETES_PORT_443_TCP_PORT: '443',
    KUBERNETES_PORT_443_TCP_ADDR: '10.96.0.1',
  });
});
