import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podSideAddress, readRoutes } from './pod-side-address.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const route = (
  device: string,
  destination: string,
  mask: string,
  flags = '0001',
  gateway = '00000000',
): string => [device, destination, gateway, flags, '0', '0', '0', mask, '0', '0', '0'].join('\t');
const addresses = new Map([
  ['eth0', ['192.168.1.5']],
  ['cni0', ['10.88.0.1']],
  ['veth1', ['10.99.0.1']],
]);
const find = (pod: string, ...routes: readonly string[]): string | undefined =>
  podSideAddress(pod, { table: [HEAD, ...routes, ''].join('\n'), addresses });

const DEFAULT = route('eth0', '00000000', '00000000', '0003', '0101A8C0');
const LAN = route('eth0', '0001A8C0', '00FFFFFF');
const BRIDGE = route('cni0', '0000580A', '0000FFFF');

test('a pod on a bridge reaches the machine by the address of the bridge', () => {
  assert.equal(find('10.88.0.7', DEFAULT, LAN, BRIDGE), '10.88.0.1');
});

test('the narrowest route counts', () => {
  assert.equal(find('10.88.0.7', BRIDGE, route('veth1', '0700580A', 'FFFFFFFF')), '10.99.0.1');
  assert.equal(find('10.88.0.8', BRIDGE, route('veth1', '0700580A', 'FFFFFFFF')), '10.88.0.1');
});

test('nothing is found where others than pods would hear the answer, or the way leads over others', () => {
  assert.equal(find('192.168.1.20', DEFAULT, LAN, BRIDGE), undefined);
  assert.equal(find('10.1.0.1', DEFAULT, LAN, BRIDGE), undefined);
  assert.equal(find('10.2.0.1', route('cni0', '0000020A', '0000FFFF', '0003', '0900580A')), undefined);
  assert.equal(find('10.88.0.7', route('cni0', '0000580A', '0000FFFF', '0000')), undefined);
  assert.equal(find('fd00::1', BRIDGE), undefined);
  assert.equal(podSideAddress('10.88.0.7', { table: '', addresses }), undefined);
});

test('an interface without an address has none to give', () => {
  assert.equal(find('10.5.0.1', route('cali1', '0100050A', 'FFFFFFFF')), undefined);
});

test("the kernel's own words can be read", () => {
  const routes = readRoutes();
  assert.equal(podSideAddress('192.0.2.1', routes), undefined);
  assert.ok([...routes.addresses.values()].flat().includes('127.0.0.1'));
});
