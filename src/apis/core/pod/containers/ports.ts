/** Rules for the ports of containers. */
import { duplicate, type FieldError, invalid, required } from '../../../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validatePortName, validatePortNumber } from '../../../../apimachinery/validation/index.ts';
import { reportEach, requireOneOf } from '../../report.ts';
import type { Container, ContainerPort, PodSpec } from '../../types.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Checks the ports of one container. */
export function validateContainerPorts(
  errors: FieldError[],
  path: string,
  ports: DeepReadonly<ContainerPort[]> | undefined,
): void {
  if (!ports) return;
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const at = `${path}[${index}]`;
    if (port.name) {
      const wrongs = validatePortName(port.name);
      reportEach(errors, `${at}.name`, port.name, wrongs);
      if (wrongs.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else
      reportEach(errors, `${at}.containerPort`, port.containerPort, validatePortNumber(port.containerPort));
    if (port.hostPort) reportEach(errors, `${at}.hostPort`, port.hostPort, validatePortNumber(port.hostPort));
    requireOneOf(errors, `${at}.protocol`, port.protocol, PROTOCOLS);
  });
}

/** Refuses two uses of the same host port, protocol and address among these containers. */
export function refuseHostPortConflicts(
  errors: FieldError[],
  path: string,
  containers: DeepReadonly<Container[]>,
): void {
  let taken: Set<string> | undefined;
  containers.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      if (!port.hostPort) return;
      const use = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      taken ??= new Set();
      if (taken.has(use)) errors.push(duplicate(`${path}[${index}].ports[${portIndex}].hostPort`, use));
      taken.add(use);
    });
  });
}

/** On the host's network a container's port is the host's port: none other may be asked for. */
export function validateHostNetworkPorts(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  isPod: boolean,
): void {
  if (!spec.hostNetwork) return;
  spec.containers?.forEach((container, index) => {
    container.ports?.forEach((port, portIndex) => {
      const hostPort = port.hostPort ?? 0;
      if ((isPod || hostPort !== 0) && hostPort !== port.containerPort) {
        errors.push(
          invalid(
            `${path}.containers[${index}].ports[${portIndex}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
      }
    });
  });
}
