/** The services that a pod is told of in variables (`enableServiceLinks`): those of its namespace that have an address. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod, Service } from '../../apis/core/types.ts';
import { type ComponentContext, type Informer, SERVICES } from '../../client/index.ts';
import { type LinkedService, serviceVariables } from './service-variables.ts';

/** See the file's head. It learns of services once the first pod asks. */
export class ServiceLinks {
  readonly #context: ComponentContext;
  #services: Informer<Service> | undefined;

  constructor(context: ComponentContext) {
    this.#context = context;
  }

  /**
   * The variables of a container that starts now: services made later are not told, as in Kubernetes. The service of the API server
   * is not among them, since every pod is told of it by another way.
   */
  async variables({ metadata, spec }: DeepReadonly<Pod>): Promise<ReadonlyMap<string, string>> {
    if (spec.enableServiceLinks === false) return new Map();
    const services = this.#services ?? this.#context.informer(SERVICES);
    this.#services = services;
    // What is not known yet would be missing for as long as the container runs.
    await services.start();
    return serviceVariables(services.lister.list(metadata.namespace ?? '').flatMap(linked));
  }
}

function linked({ metadata, spec }: DeepReadonly<Service>): readonly LinkedService[] {
  const { name, namespace } = metadata;
  const { clusterIP: host = '', ports } = spec;
  const isApi = namespace === 'default' && name === 'kubernetes';
  return host === '' || host === 'None' || isApi ? [] : [{ name, host, ports: ports ?? [] }];
}
