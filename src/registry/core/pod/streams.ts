/** `pods/exec`, `pods/attach` and `pods/portforward`: find out what is meant, and hand on the streams that the node opens. */
import type { ApiRequest } from '../../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../../apimachinery/meta/object.ts';
import { newBadRequest } from '../../../apimachinery/status-error.ts';
import type { OpenPort, RemoteProcess, WantedStreams } from '../../../apimachinery/streaming/index.ts';
import { StreamRefusal } from '../../../apimachinery/streaming/stream-refusal.ts';
import type { Pod } from '../../../apis/core/types.ts';
import type { Backend, CustomSubresource } from '../../../apiserver/resource.ts';
import { chooseContainer } from './chosen-container.ts';
import { flagIn } from './query-flag.ts';

/**
 * The way to what runs on a node. Every method rejects with the StatusError or StreamRefusal that the client gets.
 * `traceparent` names the trace that the request is part of.
 */
export interface PodStreamSource {
  /** Runs a command in a container of a pod that is bound to a node. */
  exec(
    pod: DeepReadonly<Pod>,
    container: string,
    command: readonly string[],
    wanted: WantedStreams,
    traceparent?: string,
  ): Promise<RemoteProcess>;
  /** Joins the streams of a container's own process. */
  attach(
    pod: DeepReadonly<Pod>,
    container: string,
    wanted: WantedStreams,
    traceparent?: string,
  ): Promise<RemoteProcess>;
  /** Answers how to connect to ports of a pod. */
  ports(pod: DeepReadonly<Pod>, traceparent?: string): Promise<OpenPort>;
}

const COMMAND_PARAMETERS = {
  container: 'string',
  stderr: 'boolean',
  stdin: 'boolean',
  stdout: 'boolean',
  tty: 'boolean',
} as const;

/** Makes the three with a way to the nodes. */
export function podStreams(source: PodStreamSource): Readonly<Record<string, CustomSubresource>> {
  return {
    exec: connecting(
      'PodExecOptions',
      { command: 'string', ...COMMAND_PARAMETERS },
      async (request, backend) => {
        const command = valuesOf(request, 'command');
        const { pod, container } = await containerOf(request, backend);
        const wanted = wantedStreams(request);
        const open = () =>
          wantedOrRefused(wanted, () => source.exec(pod, container, command, wanted, request.traceparent));
        return { kind: 'connect', streams: { kind: 'command', wanted, open } };
      },
    ),
    attach: connecting('PodAttachOptions', COMMAND_PARAMETERS, async (request, backend) => {
      const { pod, container } = await containerOf(request, backend);
      const wanted = wantedStreams(request);
      const open = () =>
        wantedOrRefused(wanted, () => source.attach(pod, container, wanted, request.traceparent));
      return { kind: 'connect', streams: { kind: 'command', wanted, open } };
    }),
    portforward: connecting('PodPortForwardOptions', { ports: 'integer' }, async (request, backend) => {
      const ports = valuesOf(request, 'ports')
        .flatMap((each) => each.split(','))
        .map(parsePort);
      const pod = await boundPod(request, backend);
      const open = (named: boolean) => {
        if (named) demandPorts(ports);
        return source.ports(pod, request.traceparent);
      };
      return { kind: 'connect', streams: { kind: 'ports', ports, open: async (named) => open(named) } };
    }),
  };
}

function connecting(
  kind: string,
  parameters: NonNullable<CustomSubresource['connects']>,
  connect: (request: ApiRequest, backend: Backend) => ReturnType<CustomSubresource['handle']>,
): CustomSubresource {
  return {
    kind: 'custom',
    connects: parameters,
    verbs: ['create', 'get'],
    body: { group: '', version: 'v1', kind },
    handle: (request, _context, backend) => connect(request, backend),
  };
}

function valuesOf({ parameters = {}, repeated = {} }: ApiRequest, name: string): readonly string[] {
  const first = parameters[name];
  return repeated[name] ?? (first === undefined ? [] : [first]);
}

function wantedStreams({ parameters = {} }: ApiRequest): WantedStreams {
  const tty = flagIn(parameters, 'tty');
  return {
    stdin: flagIn(parameters, 'stdin'),
    stdout: flagIn(parameters, 'stdout'),
    // A terminal has one output, so that the kubelet passes over the wish for another.
    stderr: flagIn(parameters, 'stderr') && !tty,
    tty,
  };
}

async function wantedOrRefused(
  { stdin, stdout, stderr }: WantedStreams,
  open: () => Promise<RemoteProcess>,
): Promise<RemoteProcess> {
  if (stdin || stdout || stderr) return open();
  throw new StreamRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr');
}

async function containerOf(
  request: ApiRequest,
  backend: Backend,
): Promise<{ readonly pod: DeepReadonly<Pod>; readonly container: string }> {
  const pod = await podOf(request, backend);
  const container = chooseContainer(pod, request.parameters?.['container'] ?? '');
  demandNode(pod);
  return { pod, container };
}

async function boundPod(request: ApiRequest, backend: Backend): Promise<DeepReadonly<Pod>> {
  const pod = await podOf(request, backend);
  demandNode(pod);
  return pod;
}

async function podOf(request: ApiRequest, backend: Backend): Promise<DeepReadonly<Pod>> {
  const { subresource: _, ...ofPod } = request;
  return (await backend.get({ ...ofPod, verb: 'get' })) as DeepReadonly<Pod>;
}

function demandNode({ metadata, spec }: DeepReadonly<Pod>): void {
  if (!spec.nodeName) throw newBadRequest(`pod ${metadata.name} does not have a host assigned`);
}

function parsePort(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw newBadRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function demandPorts(ports: readonly number[]): void {
  if (ports.length === 0) throw new StreamRefusal(400, 'query parameter "port" is required');
  const text = ports.join(',');
  for (const port of ports) {
    if (port === 0) throw new StreamRefusal(400, `port ${JSON.stringify(text)} must be > 0`);
    if (port > 0 && port <= 65_535) continue;
    const why = port < 0 ? 'invalid syntax' : 'value out of range';
    const cause = `strconv.ParseUint: parsing "${port}": ${why}`;
    throw new StreamRefusal(400, `unable to parse ${JSON.stringify(text)} as a port: ${cause}`);
  }
}
