/** Checks of what a pod shares with its node. */
import {
  type AnyContainer,
  type Check,
  containersOf,
  containersText,
  namesWhere,
  plural,
  quoted,
  settersWhere,
  sortedSet,
} from './subject.ts';

/** Baseline: the node's network, processes and IPC are not shared. */
export const hostNamespaces: Check = ({ spec }) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

/** Baseline: no directories of the node. */
export const hostPathVolumes: Check = ({ spec }) => {
  const names = (spec.volumes ?? []).filter((each) => each.hostPath != null).map((each) => each.name);
  if (names.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${quoted(names)}` };
};

/** Baseline: no ports of the node. */
export const hostPorts: Check = (subject) => {
  const portsOf = (container: AnyContainer): readonly string[] =>
    (container.ports ?? []).filter(({ hostPort = 0 }) => hostPort !== 0).map((each) => String(each.hostPort));
  const names = namesWhere(subject, (each) => portsOf(each).length > 0);
  if (names.length === 0) return undefined;
  const ports = sortedSet(containersOf(subject).flatMap(portsOf));
  const uses = plural('uses', names.length, 'use');
  return {
    reason: 'hostPort',
    detail: `${containersText(names)} ${uses} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  };
};

/** Baseline since 1.34: probes and hooks ask the pod itself, not another host. */
export const hostProbesAndHostLifecycle: Check = (subject) => {
  const names = sortedSet(namesWhere(subject, (each) => hostsOf(each).length > 0));
  if (names.length === 0) return undefined;
  const hosts = sortedSet(containersOf(subject).flatMap(hostsOf));
  const uses = plural('uses', names.length, 'use');
  const what = plural('probe or lifecycle host', hosts.length);
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(names)} ${uses} ${what} ${quoted(hosts)}`,
  };
};

function hostsOf({
  livenessProbe,
  readinessProbe,
  startupProbe,
  lifecycle,
}: AnyContainer): readonly string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers
    .flatMap((each) => [each?.httpGet?.host, each?.tcpSocket?.host])
    .filter((host): host is string => host !== undefined && host !== '');
}

/** Baseline: no processes of the node on Windows. */
export const windowsHostProcess: Check = (subject) => {
  const setters = settersWhere(subject, ({ windowsOptions }) => windowsOptions?.hostProcess === true);
  if (setters === '') return undefined;
  return {
    reason: 'hostProcess',
    detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};
