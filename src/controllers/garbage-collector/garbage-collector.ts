import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  type Resource,
} from '../../client/index.ts';
import { AbsentOwners } from './absent-owners.ts';
import { Collector } from './collector.ts';
import { Graph } from './graph.ts';
import { identify, Writes } from './writes.ts';

/** Objects worked on at the same time: their deletions share commits of the store. */
const WORKERS = 64;

/**
 * The garbage collector as a component.
 *
 * @param resources every kind that can own or be owned and can be listed, watched and deleted; events are left out here,
 *   since they are many and never have owners.
 */
export function newGarbageCollector(
  context: ComponentContext,
  resources: readonly Resource<ApiObject>[],
): Component {
  const { client, clock, log, metrics } = context;
  const queue = newWorkqueue({ name: 'garbage_collector', clock, metrics });
  const recorder = context.recorder('garbage-collector-controller');
  const absent = new AbsentOwners();
  const writes = new Writes(client, resources);
  const graph = new Graph(absent, {
    resolve: (reference, namespace) => writes.resolve(reference, namespace),
    look: (uid) => queue.add(uid),
    invalidNamespace({ apiVersion, kind, namespace, name, uid }, message) {
      const about = { apiVersion, kind, metadata: { namespace, name, uid } } as DeepReadonly<ApiObject>;
      recorder.event(about, 'Warning', 'OwnerRefInvalidNamespace', message);
    },
  });
  const informers = resources
    .filter(({ resource }) => resource !== 'events')
    .map((of) => {
      const informer = context.informer(of);
      informer.onChange({
        added: (object) => graph.put(identify(of, object), object),
        updated(object, old) {
          // A copy that missed a deletion shows one object turn into another of the same name.
          if (old.metadata.uid !== object.metadata.uid) graph.remove(identify(of, old));
          graph.put(identify(of, object), object);
        },
        deleted: (object) => graph.remove(identify(of, object)),
      });
      return informer;
    });
  return newController({
    name: 'garbage-collector',
    reconciler: new Collector(graph, absent, writes),
    queue,
    log,
    informers,
    workers: WORKERS,
  });
}
