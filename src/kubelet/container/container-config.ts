/** A container in the runtime's words. */

import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod } from '../../apis/core/types.ts';
import { type Allocation, givenDevices } from '../devices/index.ts';
import { expand } from '../environment/expansion.ts';
import type { ContainerConfig, LinuxResources, Mount } from '../runtimes/container.ts';
import {
  CONTAINER_NAME_LABEL,
  DEVICES_ANNOTATION,
  IMAGE_ANNOTATION,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  RESTART_COUNT_ANNOTATION,
  TERMINATION_PATH_ANNOTATION,
  TERMINATION_POLICY_ANNOTATION,
} from '../runtimes/labels.ts';
import { linuxSecurity } from './security.ts';

/** What was prepared for a container. */
export interface ContainerSurroundings {
  readonly imageRef: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  /** Counts the runs, from 0. */
  readonly attempt: number;
  readonly devices: Allocation;
  /** Directory of the node's own seccomp profiles. */
  readonly seccompDirectory: string;
  /** Whose processes an ephemeral container looks into. */
  readonly targetContainerId?: string;
  /** The control group that the container runs below, where this node makes one. */
  readonly cgroupParent?: string;
  /** Files by which it joins a control group, where its runtime makes none. */
  readonly cgroupFiles?: readonly string[];
  readonly resources: LinuxResources;
}

/** See the file's head. `$(NAME)` in command and arguments is expanded. */
export function containerConfig(
  pod: DeepReadonly<Pod>,
  container: DeepReadonly<Container>,
  around: ContainerSurroundings,
): ContainerConfig {
  const { environment, attempt } = around;
  const lookup = (name: string): string | undefined => environment.get(name);
  const { name, namespace = '', uid } = pod.metadata;
  const stopSignal = container.lifecycle?.stopSignal;
  const devices = Object.values(around.devices).flat();
  const { cdi, paths } = givenDevices(devices);
  return {
    metadata: { name: container.name, attempt },
    imageRef: around.imageRef,
    image: container.image ?? '',
    command: (container.command ?? []).map((each) => expand(each, lookup)),
    args: (container.args ?? []).map((each) => expand(each, lookup)),
    workingDir: container.workingDir ?? '',
    env: [...environment].map(([key, value]) => ({ name: key, value })),
    mounts: around.mounts,
    labels: {
      [POD_NAME_LABEL]: name,
      [POD_NAMESPACE_LABEL]: namespace,
      [POD_UID_LABEL]: uid,
      [CONTAINER_NAME_LABEL]: container.name,
    },
    annotations: {
      [RESTART_COUNT_ANNOTATION]: String(attempt),
      [IMAGE_ANNOTATION]: container.image ?? '',
      [TERMINATION_PATH_ANNOTATION]: container.terminationMessagePath ?? '',
      [TERMINATION_POLICY_ANNOTATION]: container.terminationMessagePolicy ?? 'File',
      ...(devices.length === 0 ? {} : { [DEVICES_ANNOTATION]: JSON.stringify(around.devices) }),
    },
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    ...(stopSignal === undefined ? {} : { stopSignal }),
    ...(cdi.length === 0 ? {} : { cdiDevices: cdi }),
    ...(paths.length === 0 ? {} : { devicePaths: paths }),
    resources: around.resources,
    ...(around.cgroupParent === undefined ? {} : { cgroupParent: around.cgroupParent }),
    ...(around.cgroupFiles === undefined ? {} : { cgroupFiles: around.cgroupFiles }),
    security: linuxSecurity(pod, container, around),
  };
}
