/**
 * A pod with the resources that its node has granted, which are not those that it asks for while a resize is pending, nor
 * those that it has while one is under way.
 */
import { deepEqualJson } from '../../apimachinery/json.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, PodSpec, ResourceRequirements } from '../../apis/core/types.ts';
import type { ContainerRecord, PodView } from './pod-view.ts';

type Resources = DeepReadonly<ResourceRequirements> | undefined;

/** See the file's head. The spec itself where nothing differs. */
export function grantedSpec(spec: DeepReadonly<PodSpec>, view: PodView): DeepReadonly<PodSpec> {
  return withResources(spec, view.resources, view, ({ spec: { resources } }) => resources);
}

/** A pod with the resources that it and its containers that run have by now, and the others were granted. */
export function actuatedSpec(spec: DeepReadonly<PodSpec>, view: PodView): DeepReadonly<PodSpec> {
  return withResources(spec, view.actuated, view, actuatedResources);
}

/** What a container that runs has by now; of another one, what it will have. */
export function actuatedResources({ spec, run, actuated }: ContainerRecord): Resources {
  return (run?.state === 'running' ? actuated : undefined) ?? spec.resources;
}

function withResources(
  spec: DeepReadonly<PodSpec>,
  whole: Resources,
  view: PodView,
  resourcesOf: (record: ContainerRecord) => Resources,
): DeepReadonly<PodSpec> {
  const each = new Map(view.containers.map((record) => [record.spec.name, resourcesOf(record)]));
  const own = (container: DeepReadonly<Container>): boolean =>
    same(container.resources, each.get(container.name));
  const { containers, initContainers = [], resources, ...rest } = spec;
  if (same(resources, whole) && [...containers, ...initContainers].every(own)) return spec;
  const give = (container: DeepReadonly<Container>): DeepReadonly<Container> => {
    const { resources: _asked, ...others } = container;
    const has = each.get(container.name);
    return has === undefined ? others : { ...others, resources: has };
  };
  return {
    ...rest,
    ...(whole === undefined ? {} : { resources: whole }),
    containers: containers.map(give),
    ...(initContainers.length === 0 ? {} : { initContainers: initContainers.map(give) }),
  };
}

function same(one: Resources, other: Resources): boolean {
  return one === other || deepEqualJson(one ?? {}, other ?? {});
}
