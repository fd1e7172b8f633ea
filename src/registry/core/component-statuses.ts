import { findCondition } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import type { ComponentCondition, ComponentStatus } from '../../apis/core/types.ts';
import type { HealthCheck } from '../../apiserver/index.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { nameColumn, text } from '../table/index.ts';

/** `componentstatuses` of v1: for each part of the control plane whether it works, found out when somebody asks. */
export function componentStatuses(parts: readonly HealthCheck[]): ResourceDefinition<ComponentStatus> {
  return {
    group: '',
    version: 'v1',
    resource: 'componentstatuses',
    singular: 'componentstatus',
    kind: 'ComponentStatus',
    namespaced: false,
    shortNames: ['cs'],
    verbs: ['get', 'list'],
    schema: 'io.k8s.api.core.v1.ComponentStatus',
    deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
    objects: () => Promise.all(parts.map(statusOf)),
    strategy: {
      applyDefaults: () => {},
      prepareForCreate: () => {},
      validateCreate: () => [],
      prepareForUpdate: () => {},
      validateUpdate: () => [],
    },
    columns: [
      nameColumn,
      text('Status', 'Healthy, Unhealthy or Unknown.', ({ conditions }) => health(conditions)),
      text('Message', 'What its check says.', ({ conditions }) => conditions?.[0]?.message ?? ''),
      text('Error', 'Why it could not be checked.', ({ conditions }) => conditions?.[0]?.error ?? ''),
    ],
  };
}

async function statusOf(part: HealthCheck): Promise<ComponentStatus> {
  const condition = { type: 'Healthy', status: 'True', message: 'ok' };
  try {
    await part.check();
  } catch (error) {
    condition.status = 'False';
    condition.message = messageOf(error);
  }
  // It has a name and nothing else of what objects in a store have.
  const metadata = { name: part.name } as ComponentStatus['metadata'];
  return { kind: 'ComponentStatus', apiVersion: 'v1', metadata, conditions: [condition] };
}

function health(conditions: DeepReadonly<ComponentCondition[]> | undefined): string {
  const status = findCondition(conditions, 'Healthy')?.status;
  return status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : 'Unknown';
}
