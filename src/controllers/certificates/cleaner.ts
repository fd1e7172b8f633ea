import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import type { CertificateSigningRequest } from '../../apis/certificates/index.ts';
import {
  type Component,
  type ComponentContext,
  newController,
  newWorkqueue,
  SIGNINGREQUESTS,
} from '../../client/index.ts';
import { has } from './decision.ts';

const HOUR_MS = 3_600_000;
/** How long a request stays that was approved, denied or has failed. */
const DECIDED_MS = HOUR_MS;
/** How long a request waits for somebody to decide. */
const PENDING_MS = 24 * HOUR_MS;

/** When a request goes: milliseconds since 1970. Pure. */
function requestExpiry(request: DeepReadonly<CertificateSigningRequest>): number {
  const decided = ['Approved', 'Denied', 'Failed'].some((type) => has(request, type));
  if (!decided) return Date.parse(request.metadata.creationTimestamp) + PENDING_MS;
  const times = (request.status.conditions ?? []).map((each) => Date.parse(each.lastUpdateTime ?? ''));
  const last = Math.max(...times.filter((time) => !Number.isNaN(time)));
  return (Number.isFinite(last) ? last : Date.parse(request.metadata.creationTimestamp)) + DECIDED_MS;
}

/** Removes requests that are over: an hour after the decision, a day when there was none. */
export function newCertificateCleaner(context: ComponentContext): Component {
  const { client, clock, log, metrics } = context;
  const requests = context.informer(SIGNINGREQUESTS);
  const queue = newWorkqueue({ name: 'certificate_cleaning', clock, metrics });
  const look = ({ metadata }: DeepReadonly<CertificateSigningRequest>): void => queue.add(metadata.name);
  requests.onChange({ added: look, updated: look });
  return newController({
    name: 'csrcleaner',
    queue,
    log,
    informers: [requests],
    workers: 1,
    reconciler: {
      async sync(name) {
        const request = requests.lister.get('', name);
        if (request === undefined) return undefined;
        const left = requestExpiry(request) - clock.now();
        if (left > 0) return left;
        const { uid } = request.metadata;
        try {
          await client.delete(SIGNINGREQUESTS, '', name, { preconditions: { uid } });
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return undefined;
      },
    },
  });
}
