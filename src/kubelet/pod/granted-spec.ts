/** A pod with the resources that its node has granted, which are not those that it asks for while a resize is pending. */
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, PodSpec, ResourceRequirements } from '../../apis/core/types.ts';
import type { PodView } from './pod-view.ts';

/** See the file's head. The spec itself where nothing differs. */
export function grantedSpec(spec: DeepReadonly<PodSpec>, view: PodView): DeepReadonly<PodSpec> {
  const granted = new Map(view.containers.map((record) => [record.spec.name, record.spec.resources]));
  const own = (container: DeepReadonly<Container>): boolean =>
    same(container.resources, granted.get(container.name));
  const { containers, initContainers = [], resources, ...rest } = spec;
  if (same(resources, view.resources) && [...containers, ...initContainers].every(own)) return spec;
  const grant = (container: DeepReadonly<Container>): DeepReadonly<Container> => {
    const { resources: _asked, ...others } = container;
    const has = granted.get(container.name);
    return has === undefined ? others : { ...others, resources: has };
  };
  return {
    ...rest,
    ...(view.resources === undefined ? {} : { resources: view.resources }),
    containers: containers.map(grant),
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(grant) }),
  };
}

function same(
  one: DeepReadonly<ResourceRequirements> | undefined,
  other: DeepReadonly<ResourceRequirements> | undefined,
): boolean {
  return one === other || deepEqualJson(one ?? {}, other ?? {});
}
