import { newBadRequest } from '../../apimachinery/status-error.ts';
import type { Binding } from '../../apis/core/types.ts';
import type { VirtualResource } from '../../apiserver/resource.ts';
import { podBinding } from './pod/index.ts';

/** `bindings` of v1: the older way to give a pod to a node, which names the pod in the body alone. Schedulers in Python use it. */
export const bindings: VirtualResource = {
  group: '',
  version: 'v1',
  resource: 'bindings',
  singular: 'binding',
  kind: 'Binding',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Binding',
  create(request, context, backend) {
    const { metadata } = (request.body ?? {}) as Partial<Binding>;
    const name = metadata?.name ?? '';
    if (name === '') throw newBadRequest('Name parameter required.');
    return podBinding.handle({ ...request, resource: 'pods', name }, context, backend);
  },
};
