import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Random } from '../../apimachinery/random.ts';
import { formatLabelSelector } from '../../apimachinery/selectors/index.ts';
import { labelName } from '../../apimachinery/validation/index.ts';
import {
  applyServiceDefaults,
  serviceWarnings,
  settleClusterAddresses,
  settleServiceUpdate,
  validateService,
  validateServiceStatusUpdate,
  validateServiceUpdate,
} from '../../apis/core/index.ts';
import type { Service, ServiceSpec, ServiceStatus } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { ageColumn, nameColumn, text } from '../table/index.ts';
import type { PodStreamSource } from './pod/index.ts';
import { serviceProxy } from './proxy/index.ts';

/**
 * An address of 10.96.0.0/12, Kubernetes' usual range for services, made of the service's own uid. No proxy serves it on one
 * machine; clients only expect that there is one.
 */
function addressOf(uid: string): string {
  const number = Number.parseInt(uid.replaceAll('-', '').slice(0, 8), 16);
  return `10.${96 + ((number >>> 16) & 15)}.${(number >>> 8) & 255}.${(number & 127) + 16}`;
}

function externalAddress({ spec, status }: DeepReadonly<Service>): string {
  const external = spec.externalIPs ?? [];
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return external.join(',') || '<none>';
  const balanced = (status.loadBalancer?.ingress ?? []).map((each) => each.ip || each.hostname || '');
  return [...balanced, ...external].join(',') || '<pending>';
}

function ports({ spec }: DeepReadonly<Service>): string {
  const each = (spec.ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`,
  );
  return each.join(',') || '<none>';
}

/** What services need of the rest of the machine. */
export interface ServiceDependencies {
  /** Absent: services have no `proxy`. */
  readonly streams?: PodStreamSource;
  /** Chooses among a service's pods. */
  readonly random: Random;
}

/** `services` of v1. */
export function serviceResource({ streams, random }: ServiceDependencies): ResourceDefinition<Service> {
  const proxy = streams === undefined ? {} : { proxy: serviceProxy(streams, random) };
  return { ...services, subresources: { ...services.subresources, ...proxy } };
}

const services: ResourceDefinition<Service> = {
  group: '',
  version: 'v1',
  resource: 'services',
  storagePrefix: 'services/specs',
  singular: 'service',
  kind: 'Service',
  namespaced: true,
  shortNames: ['svc'],
  categories: ['all'],
  schema: 'io.k8s.api.core.v1.Service',
  strategy: {
    applyDefaults: applyServiceDefaults,
    prepareForCreate(service) {
      service.status = { loadBalancer: {} };
      settleClusterAddresses(service, addressOf(service.metadata.uid));
    },
    validateCreate: (service) => validateService(service),
    warningsOnCreate: serviceWarnings,
    prepareForUpdate(service, old) {
      service.status = old.status as ServiceStatus;
      settleServiceUpdate(service, old);
      settleClusterAddresses(service, old.spec.clusterIP ?? '', old);
    },
    validateUpdate: (service, old, _context, { change }) => [
      ...change,
      ...validateServiceUpdate(service, old),
    ],
    warningsOnUpdate: serviceWarnings,
    validateName: labelName,
    returnsDeletedObject: true,
  },
  subresources: {
    status: {
      kind: 'part',
      verbs: ['get', 'update', 'patch'],
      prepareForUpdate(service, old) {
        service.spec = old.spec as ServiceSpec;
      },
      validateUpdate: (service, old, _context, { change }) => [
        ...change,
        ...validateServiceStatusUpdate(service, old),
      ],
    },
  },
  columns: [
    nameColumn,
    text('Type', 'How it is reached.', ({ spec }) => spec.type ?? ''),
    text('Cluster-IP', 'Its address within the cluster.', ({ spec }) => spec.clusterIPs?.[0] ?? '<none>'),
    text('External-IP', 'Its address for the world.', externalAddress),
    text('Port(s)', 'Its ports.', ports),
    ageColumn,
    text(
      'Selector',
      'Which pods serve it.',
      ({ spec }) => formatLabelSelector(spec.selector ? { matchLabels: spec.selector } : undefined),
      1,
    ),
  ],
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
    'spec.type': ({ spec }) => spec.type ?? '',
  },
};
