/** Asks a container once how it is: by a command, HTTP, a connection, or gRPC's health service. */
import { connect } from 'node:net';
import type { Clock } from '../../apimachinery/clock.ts';
import { dialErrorText, dialTimeoutText, hostPort } from '../../apimachinery/dial-error.ts';
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  TCPSocketAction,
} from '../../apis/core/types.ts';
import { expand } from '../environment/expansion.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { callErrorText, RuntimeError } from '../runtimes/runtime-error.ts';
import { askOnce } from './http-answer.ts';

/** Redirects that are followed. */
const REDIRECTS_MAX = 10;
/** Codes that lead to another address; others of 3xx do not, whatever they name. */
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Bytes of a command's output that are told. */
const OUTPUT_BYTES_MAX = 10 * 1024;

/** How to ask; one of them is set. */
export interface Handler {
  readonly exec?: DeepReadonly<ExecAction>;
  readonly httpGet?: DeepReadonly<HTTPGetAction>;
  readonly tcpSocket?: DeepReadonly<TCPSocketAction>;
  readonly grpc?: DeepReadonly<GRPCAction>;
}

/** The container that is checked. */
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
  /** What is told although the answer is good: a redirect that leads away. */
  readonly warning?: string;
  /** The question could not be asked at all: a port of a name that the container does not have. */
  readonly errored?: boolean;
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
    return { ok: false, output: callErrorText(error), errored: true };
  }
}

/** `$(NAME)` in the command means a variable that the container itself sets to a literal, as upstream has it. */
async function checkCommand(
  { command = [] }: DeepReadonly<ExecAction>,
  { runtime, container, containerId }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const literals = new Map((container.env ?? []).map(({ name, value = '' }) => [name, value]));
  const words = command.map((word) => expand(word, (name) => literals.get(name)));
  const result = await runtime.execSync(containerId, words, timeoutSeconds).catch((error: unknown) => {
    if (error instanceof RuntimeError && error.kind === 'TimedOut') return undefined;
    throw error;
  });
  if (result === undefined) {
    const text = `command timed out: "${words.join(' ')}" timed out after ${formatGoDuration(timeoutSeconds * 1000)}`;
    return { ok: false, output: text };
  }
  const { exitCode, stdout, stderr } = result;
  const output = Buffer.concat([stdout, stderr]).subarray(0, OUTPUT_BYTES_MAX).toString();
  return { ok: exitCode === 0, output };
}

/** A probe follows redirects within the same host, at most ten. */
async function checkHttp(
  action: DeepReadonly<HTTPGetAction>,
  { clock, container, ip }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const { host, path = '/', port, scheme = 'HTTP', httpHeaders = [] } = action;
  const address = host || ip;
  const base = `${scheme.toLowerCase()}://${hostPort(address, portNumber(port, container))}`;
  const headers: Record<string, string[]> = {};
  for (const { name, value } of httpHeaders) headers[name] = [...(headers[name] ?? []), value];
  const asked = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  if (!asked.has('user-agent')) headers['User-Agent'] = ['kube-probe/1.36'];
  if (!asked.has('accept')) headers['Accept'] = ['*/*'];
  const limit = new AbortController();
  const timer = clock.after(timeoutSeconds * 1000, () => limit.abort());
  try {
    let url = new URL(path || '/', `${base}/`);
    for (let redirects = 0; ; redirects++) {
      const answer = await askOnce(url, headers, limit.signal);
      if (typeof answer === 'string') return { ok: false, output: `Get "${url.href}": ${answer}` };
      const { statusCode, location, body } = answer;
      if (statusCode < 200 || statusCode >= 400) {
        return { ok: false, output: `HTTP probe failed with statuscode: ${statusCode}` };
      }
      if (statusCode < 300) return { ok: true, output: '' };
      const next = location && FOLLOWED.has(statusCode) ? new URL(location, url) : undefined;
      if (next?.hostname !== url.hostname) {
        return { ok: true, output: '', warning: `Probe terminated redirects, Response body: ${body}` };
      }
      if (redirects >= REDIRECTS_MAX) {
        return { ok: false, output: `Get "${next.href}": stopped after ${REDIRECTS_MAX} redirects` };
      }
      url = next;
    }
  } finally {
    timer.cancel();
  }
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
    const settle = (ok: boolean, output: string): void => {
      limit.cancel();
      socket.destroy();
      resolve({ ok, output });
    };
    const limit = clock.after(timeoutSeconds * 1000, () => settle(false, dialTimeoutText(address, number)));
    socket.once('connect', () => settle(true, ''));
    socket.once('error', (error) => settle(false, dialErrorText(error, address, number)));
  });
}

/** gRPC is loaded when the first such probe is made: few pods have one. */
async function checkGrpc(
  { port, service = '' }: DeepReadonly<GRPCAction>,
  { ip, clock }: CheckTarget,
  timeoutSeconds: number,
): Promise<CheckResult> {
  const { askHealth } = await import('./grpc-health.ts');
  const output = await askHealth(hostPort(ip, port), service, timeoutSeconds, clock);
  return { ok: output === '', output };
}

function portNumber(port: number | string, container: DeepReadonly<Container>): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  if (/^\d+$/.test(port)) return Number(port);
  throw new Error(`couldn't find port: "${port}"`);
}
