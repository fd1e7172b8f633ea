import { defaultPullPolicy } from '../../image-reference.ts';
import type { Container, EphemeralContainer, Lifecycle, Probe } from '../../types.ts';
import { roundToMilli } from './resource-defaults.ts';

/** Fills in what the API documents as default of a container of any sort. */
export function applyContainerDefaults(container: Container | EphemeralContainer): void {
  if (!container.imagePullPolicy) container.imagePullPolicy = defaultPullPolicy(container.image ?? '');
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log';
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File';
  container.resources ??= {};
  roundToMilli(container.resources.limits);
  roundToMilli(container.resources.requests);
  for (const port of container.ports ?? []) if (!port.protocol) port.protocol = 'TCP';
  for (const variable of container.env ?? []) {
    const from = variable.valueFrom;
    if (!from) continue;
    if (from.fieldRef && !from.fieldRef.apiVersion) from.fieldRef.apiVersion = 'v1';
    if (from.fileKeyRef) from.fileKeyRef.optional ??= false;
    if (from.resourceFieldRef) from.resourceFieldRef.divisor ??= '0';
  }
  if (container.livenessProbe) applyProbeDefaults(container.livenessProbe);
  if (container.readinessProbe) applyProbeDefaults(container.readinessProbe);
  if (container.startupProbe) applyProbeDefaults(container.startupProbe);
  if (container.lifecycle) applyLifecycleDefaults(container.lifecycle);
}

function applyProbeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) applyHttpDefaults(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function applyLifecycleDefaults(lifecycle: Lifecycle): void {
  if (lifecycle.postStart?.httpGet) applyHttpDefaults(lifecycle.postStart.httpGet);
  if (lifecycle.preStop?.httpGet) applyHttpDefaults(lifecycle.preStop.httpGet);
}

function applyHttpDefaults(action: NonNullable<Probe['httpGet']>): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}
