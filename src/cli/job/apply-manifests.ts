/** Creates the objects of manifests, all or none: everything is tried without effect first. */
import type { ApiObject, DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import { StatusError } from '../../apimachinery/status-error.ts';
import { type Client, type Resource, resourceForKind } from '../../client/index.ts';
import { UserError } from '../../cluster/index.ts';
import type { Manifest } from './manifests.ts';

interface Target {
  readonly manifest: Manifest;
  readonly of: Resource<ApiObject>;
  readonly namespace: string;
}

/**
 * Creates every object in order and answers them as the server stored them.
 *
 * @throws {UserError} naming the manifest's place, for a kind that is not served or an object that the server refuses;
 * nothing has been created then.
 */
export async function applyManifests(
  client: Client,
  manifests: readonly Manifest[],
  defaultNamespace: string,
): Promise<readonly DeepReadonly<ApiObject>[]> {
  const targets = manifests.map((manifest) => targetOf(manifest, defaultNamespace));
  const made = new Set(
    targets
      .filter(({ of }) => of.kind === 'Namespace')
      .map(({ manifest }) => manifest.object.metadata['name']),
  );
  for (const target of targets) {
    // Inside a namespace that these manifests make, nothing can be tried before the namespace is there.
    if (!made.has(target.namespace)) await create(client, target, { dryRun: 'All' });
  }
  const created: DeepReadonly<ApiObject>[] = [];
  for (const target of targets) created.push(await create(client, target, {}));
  return created;
}

function targetOf(manifest: Manifest, defaultNamespace: string): Target {
  const of = resourceForKind(manifest.apiVersion, manifest.kind);
  if (of === undefined) {
    const kind = `kind ${manifest.kind} of ${manifest.apiVersion}`;
    throw new UserError(
      `${manifest.where}: ${kind} is not served here; see 'kubectl api-resources' against 'longshore up'`,
    );
  }
  const named = manifest.object.metadata['namespace'];
  return {
    manifest,
    of,
    namespace: of.namespaced ? (typeof named === 'string' ? named : defaultNamespace) : '',
  };
}

async function create(
  client: Client,
  { manifest, of, namespace }: Target,
  parameters: Readonly<Record<string, string>>,
): Promise<DeepReadonly<ApiObject>> {
  try {
    const answer = await client.transport.send({
      verb: 'create',
      group: of.group,
      version: of.version,
      resource: of.resource,
      ...(of.namespaced ? { namespace } : {}),
      parameters: { fieldValidation: 'Strict', fieldManager: 'longshore', ...parameters },
      body: manifest.object as unknown as Draft<ApiObject>,
    });
    if (answer.kind !== 'object')
      throw new TypeError(`Cannot create ${of.resource}: the server answered a stream`);
    return answer.object as DeepReadonly<ApiObject>;
  } catch (error) {
    if (error instanceof StatusError && error.code < 500) {
      throw new UserError(`${manifest.where}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
