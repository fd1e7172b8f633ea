import type { Transport } from '../../apimachinery/api-request.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Secret } from '../../apis/core/types.ts';
import type { Logger } from '../../client/index.ts';

/** Writes down that the token of a Secret is still in use. Never rejects: the request that showed it does not wait for that. */
export async function noteSecretTokenUse(
  transport: Transport,
  { metadata: { namespace = '', name, uid } }: DeepReadonly<Secret>,
  labels: Readonly<Record<string, string>>,
  log: Logger,
): Promise<void> {
  try {
    await transport.send({
      verb: 'patch',
      group: '',
      version: 'v1',
      resource: 'secrets',
      namespace,
      name,
      patchType: 'application/merge-patch+json',
      body: { metadata: { uid, labels } },
    });
  } catch (error) {
    log.warn({ error, namespace, name }, 'the use of a token could not be noted at its Secret');
  }
}
