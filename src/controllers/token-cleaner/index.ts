/**
 * Removes bootstrap tokens whose time is over. Upstream: pkg/controller/bootstrap (tokencleaner).
 *
 * It looks at Secrets of kube-system alone, and guarantees that none goes before the expiration that it names.
 */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { Secret } from '../../apis/core/types.ts';
import {
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  SECRETS,
} from '../../client/index.ts';

const TOKENS = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' };

/** The token cleaner as a component. */
export function newTokenCleaner(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const secrets = context.informer(SECRETS, TOKENS);
  const queue = newWorkqueue({ name: 'token_cleaner', clock, metrics });
  const look = ({ metadata }: DeepReadonly<Secret>): void => queue.add(metadata.name);
  secrets.onChange({ added: look, updated: look });
  return newController({
    name: 'token-cleaner',
    queue,
    log,
    informers: [secrets],
    workers: 1,
    reconciler: {
      async sync(name) {
        const secret = secrets.lister.get(TOKENS.namespace, name);
        const expiration = Buffer.from(secret?.data?.['expiration'] ?? '', 'base64').toString('utf8');
        if (secret === undefined || expiration === '') return undefined;
        const left = Date.parse(expiration) - clock.now();
        if (left > 0) return left;
        try {
          const { uid } = secret.metadata;
          await client.delete(SECRETS, TOKENS.namespace, name, { preconditions: { uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return undefined;
      },
    },
  });
}
