/** Rules for what is done to a container from outside: probes and lifecycle hooks. */
import type { Int64 } from '../../../../apimachinery/exact-json.ts';
import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import {
  validateHttpHeaderName,
  validatePortName,
  validatePortNumber,
} from '../../../../apimachinery/validation/index.ts';
import { reportEach, requireNonnegative } from '../../report.ts';
import type { GRPCAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../../types.ts';

/** What the pod tells its handlers: how many seconds it has to end. */
export interface HandlerSurroundings {
  readonly graceSeconds: Int64 | undefined;
}

type Handler = DeepReadonly<LifecycleHandler & { grpc?: GRPCAction }>;
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
const SCHEMES = ['HTTP', 'HTTPS'];

/** Checks the three probes and the lifecycle of a container that may have them. */
export function validateProbesAndLifecycle(
  errors: FieldError[],
  path: string,
  container: DeepReadonly<{
    lifecycle?: Lifecycle;
    livenessProbe?: Probe;
    readinessProbe?: Probe;
    startupProbe?: Probe;
  }>,
  surroundings: HandlerSurroundings,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle) validateLifecycle(errors, `${path}.lifecycle`, lifecycle, surroundings);
  if (livenessProbe) validateOnceSuccessful(errors, `${path}.livenessProbe`, livenessProbe, surroundings);
  if (readinessProbe) {
    validateProbe(errors, `${path}.readinessProbe`, readinessProbe, surroundings);
    const grace = readinessProbe.terminationGracePeriodSeconds;
    if (grace != null) {
      errors.push(
        invalid(
          `${path}.readinessProbe.terminationGracePeriodSeconds`,
          grace,
          'must not be set for readinessProbes',
        ),
      );
    }
  }
  if (startupProbe) validateOnceSuccessful(errors, `${path}.startupProbe`, startupProbe, surroundings);
}

function validateOnceSuccessful(
  errors: FieldError[],
  path: string,
  probe: DeepReadonly<Probe>,
  surroundings: HandlerSurroundings,
): void {
  validateProbe(errors, path, probe, surroundings);
  if (probe.successThreshold !== 1) {
    errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  }
}

function validateProbe(
  errors: FieldError[],
  path: string,
  probe: DeepReadonly<Probe>,
  surroundings: HandlerSurroundings,
): void {
  validateHandler(errors, path, probe, surroundings);
  requireNonnegative(errors, `${path}.initialDelaySeconds`, probe.initialDelaySeconds);
  requireNonnegative(errors, `${path}.timeoutSeconds`, probe.timeoutSeconds);
  requireNonnegative(errors, `${path}.periodSeconds`, probe.periodSeconds);
  requireNonnegative(errors, `${path}.successThreshold`, probe.successThreshold);
  requireNonnegative(errors, `${path}.failureThreshold`, probe.failureThreshold);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace != null && grace <= 0) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
}

function validateLifecycle(
  errors: FieldError[],
  path: string,
  lifecycle: DeepReadonly<Lifecycle>,
  surroundings: HandlerSurroundings,
): void {
  if (lifecycle.postStart) validateHandler(errors, `${path}.postStart`, lifecycle.postStart, surroundings);
  if (lifecycle.preStop) validateHandler(errors, `${path}.preStop`, lifecycle.preStop, surroundings);
}

/** Exactly one way of handling; the first one given is checked, each further one refused. */
function validateHandler(
  errors: FieldError[],
  path: string,
  handler: Handler,
  surroundings: HandlerSurroundings,
): void {
  let found = false;
  for (const name of HANDLERS) {
    if (!handler[name]) continue;
    if (found) {
      errors.push(forbidden(`${path}.${name}`, 'may not specify more than 1 handler type'));
      continue;
    }
    found = true;
    if (name === 'exec' && !handler.exec?.command?.length) errors.push(required(`${path}.exec.command`));
    if (name === 'httpGet' && handler.httpGet) validateHttpGet(errors, `${path}.httpGet`, handler.httpGet);
    if (name === 'tcpSocket') validatePort(errors, `${path}.tcpSocket.port`, handler.tcpSocket?.port);
    if (name === 'grpc') validatePort(errors, `${path}.grpc.port`, handler.grpc?.port);
    if (name === 'sleep') validateSleep(errors, `${path}.sleep`, handler.sleep?.seconds ?? 0, surroundings);
  }
  if (!found) errors.push(required(path, 'must specify a handler type'));
}

function validateSleep(
  errors: FieldError[],
  path: string,
  seconds: Int64,
  { graceSeconds }: HandlerSurroundings,
): void {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return;
  const rule = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  errors.push(invalid(path, seconds, rule));
}

function validateHttpGet(errors: FieldError[], path: string, action: DeepReadonly<HTTPGetAction>): void {
  if (!action.path) errors.push(required(`${path}.path`));
  validatePort(errors, `${path}.port`, action.port);
  const scheme: string = action.scheme ?? '';
  if (!SCHEMES.includes(scheme)) errors.push(notSupported(`${path}.scheme`, scheme, SCHEMES));
  for (const header of action.httpHeaders ?? []) {
    reportEach(errors, `${path}.httpHeaders`, header.name, validateHttpHeaderName(header.name));
  }
}

function validatePort(errors: FieldError[], path: string, port: number | string | undefined): void {
  const value = port ?? 0;
  const wrongs = typeof value === 'number' ? validatePortNumber(value) : validatePortName(value);
  reportEach(errors, path, value, wrongs);
}
