import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerAccess } from './server-access.ts';

const HEAD = 'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n';
/** 10.88.0.0/16 on cni0. */
const TABLE = `${HEAD}cni0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\n`;
const routes = () => ({ table: TABLE, addresses: new Map([['cni0', ['10.88.0.1']]]) });

test('a pod is let in on its own side of the network, as long as it is there, and told so', async () => {
  const doors: ((from: string) => boolean)[] = [];
  const letIn = async (address: string, mayEnter: (from: string) => boolean): Promise<void> => {
    assert.equal(address, '10.88.0.1');
    doors.push(mayEnter);
  };
  const server = { host: '127.0.0.1', port: 6443, letIn };
  const access = new ServerAccess({ server, routes, unable: assert.fail });
  const told = await access.variables(['10.88.0.5']);
  assert.equal(told.get('KUBERNETES_SERVICE_HOST'), '10.88.0.1');
  assert.equal(told.get('KUBERNETES_PORT'), 'tcp://10.88.0.1:6443');
  await access.variables(['10.88.0.6']);
  assert.equal(doors.length, 1);
  const [mayEnter] = doors;
  assert.deepEqual(
    ['10.88.0.5', '10.88.0.6', '10.88.0.7', '192.0.2.1'].map((from) => mayEnter?.(from)),
    [true, true, false, false],
  );
  access.leave(['10.88.0.5']);
  assert.equal(mayEnter?.('10.88.0.5'), false);
});

test('a pod on the node’s network, and one that cannot be let in, are told the server’s own address', async () => {
  const complaints: string[] = [];
  let tries = 0;
  const letIn = async (): Promise<void> => {
    tries += 1;
    if (tries < 3) throw new Error('it is taken');
  };
  const server = { host: '127.0.0.1', port: 6443, letIn };
  const access = new ServerAccess({ server, routes, unable: (why) => complaints.push(why) });
  const hostOf = async (...ips: string[]): Promise<string | undefined> =>
    (await access.variables(ips)).get('KUBERNETES_SERVICE_HOST');
  assert.equal(await hostOf(), '127.0.0.1');
  assert.equal(await hostOf('192.0.2.9'), '127.0.0.1', 'no network of this machine');
  assert.equal(tries, 0);
  assert.equal(await hostOf('10.88.0.5'), '127.0.0.1');
  assert.equal(await hostOf('10.88.0.5'), '127.0.0.1');
  assert.deepEqual(complaints, [
    'pods cannot reach the API server, since port 6443 of 10.88.0.1 cannot be used: it is taken',
  ]);
  assert.equal(await hostOf('10.88.0.5'), '10.88.0.1', 'the port has become free');
});
