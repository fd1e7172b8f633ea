/** Asks a container once how it is: by a command, HTTP, a connection, or gRPC's health service. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Clock } from '../../apimachinery/clock.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  TCPSocketAction,
} from '../../apis/core/types.ts';
import type { Runtime } from '../runtimes/runtime.ts';

/** Bytes of a command's output that are told. */
const OUTPUT_BYTES_MAX = 10 * 1024;

/** How to ask; one of them is set. */
export interface Handler {
  readonly exec?: DeepReadonly<ExecAction>;
  readonly httpGet?: DeepReadonly<HTTPGetAction>;
  readonly tcpSocket?: DeepReadonly<TCPSocketAction>;
  readonly grpc?: DeepReadonly<GRPCAction>;
}

/** Whom to ask. */
export interface CheckTarget {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly container: DeepReadonly<Container>;
  readonly containerId: string;
  /** The pod's address. */
  readonly ip: string;
}

/** The answer; `output` says why, in the words of the kubelet. */
export interface CheckResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Asks, and takes no answer after the time limit for a bad one. It never rejects. */
export async function check(
  handler: Handler,
  target: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const { exec, httpGet, tcpSocket, grpc } = handler;
  try {
    if (exec !== undefined) return await checkCommand(exec, target, timeoutSeconds);
    if (httpGet !== undefined) return await checkHttp(httpGet, target, timeoutSeconds);
    if (tcpSocket !== undefined) return await checkConnection(tcpSocket, target, timeoutSeconds);
    if (grpc !== undefined) return await checkGrpc(grpc, target, timeoutSeconds);
    return { ok: true, output: '' };
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) };
  }
}

async function checkCommand(
  { command = [] }: DeepReadonly<ExecAction>,
  { runtime, containerId }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const { exitCode, stdout, stderr } = await runtime.execSync(containerId, command, timeoutSeconds);
  const output = Buffer.concat([stdout, stderr]).subarray(0, OUTPUT_BYTES_MAX).toString();
  return { ok: exitCode === 0, output };
}

function checkHttp(
  { host, path = '/', port, scheme = 'HTTP', httpHeaders = [] }: DeepReadonly<HTTPGetAction>,
  { clock, container, ip }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const address = host || ip;
  const number = portNumber(port, container);
  const headers: Record<string, string[]> = {};
  for (const { name, value } of httpHeaders) headers[name] = [...(headers[name] ?? []), value];
  headers['User-Agent'] ??= ['kube-probe/1.36'];
  headers['Accept'] ??= ['*/*'];
  return new Promise((resolve) => {
    // A probe asks whether somebody answers, not who: as upstream's, it takes any certificate.
    const options = {
      host: address,
      port: number,
      path: path || '/',
      headers,
      rejectUnauthorized: false,
      agent: false,
    };
    const asking = scheme === 'HTTPS' ? httpsRequest(options) : httpRequest(options);
    const url = `${scheme.toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${number}${path}`;
    const limit = clock.after(timeoutSeconds * 1000, () => {
      asking.destroy(new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'));
    });
    asking.once('response', ({ statusCode = 0 }) => {
      limit.cancel();
      asking.destroy();
      const ok = statusCode >= 200 && statusCode < 400;
      resolve({ ok, output: ok ? '' : `HTTP probe failed with statuscode: ${statusCode}` });
    });
    asking.on('error', (error) => {
      limit.cancel();
      resolve({ ok: false, output: `Get "${url}": ${error.message}` });
    });
    asking.end();
  });
}

function checkConnection(
  { host, port }: DeepReadonly<TCPSocketAction>,
  { clock, container, ip }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const address = host || ip;
  const number = portNumber(port, container);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: number });
    const settle = (ok: boolean, why: string): void => {
      limit.cancel();
      socket.destroy();
      resolve({ ok, output: ok ? '' : `dial tcp ${address}:${number}: ${why}` });
    };
    const limit = clock.after(timeoutSeconds * 1000, () => settle(false, 'i/o timeout'));
    socket.once('connect', () => settle(true, ''));
    socket.once('error', (error) => settle(false, error.message));
  });
}

/** gRPC is loaded when the first such probe is made: few pods have one. */
async function checkGrpc(
  { port, service = '' }: DeepReadonly<GRPCAction>,
  { ip, clock }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const { askHealth } = await import('./grpc-health.ts');
  const status = await askHealth(
    `${ip.includes(':') ? `[${ip}]` : ip}:${port}`,
    service,
    clock.now() + timeoutSeconds * 1000,
  );
  const ok = status === 'SERVING';
  return { ok, output: ok ? '' : `service unhealthy (responded with "${status}")` };
}

function portNumber(port: number | string, container: DeepReadonly<Container>): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  if (/^\d+$/.test(port)) return Number(port);
  throw new Error(`couldn't find port: "${port}"`);
}
