import type { Clock } from '../../apimachinery/clock.ts';
import { sleep } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { type Random, randomSuffix } from '../../apimachinery/random.ts';
import type { Container, Pod, ServiceAccount, Volume } from '../../apis/core/types.ts';
import type { AdmissionPlugin, Backend, RequestContext } from '../../apiserver/resource.ts';
import { forbidUnnamed, unusableName } from './forbid.ts';
import { refuseUnlistedSecrets } from './mountable-secrets.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const DEFAULT_ACCOUNT = 'default';
/** The controller makes the default account soon after its namespace; a pod made in between waits for it. */
const DEFAULT_ACCOUNT_ATTEMPTS = 10;
const RETRY_MS = 100;
const TOKEN_VOLUME = 'kube-api-access-';
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** An hour, and seven seconds by which the token is told from one that was asked for. */
const TOKEN_SECONDS = 3607;

/** Gives each pod its service account, the account's pull secrets, and a token to talk to the API with. */
export function serviceAccountPlugin(clock: Clock, random: Random): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    handles: ({ group, resource, subresource, verb }) =>
      group === '' && resource === 'pods' && subresource === undefined && verb !== 'delete',
    async admit(object, old, context, backend) {
      if (object === undefined || old !== undefined) return;
      const pod = object as Pod;
      if (pod.metadata.annotations?.[MIRROR] !== undefined) {
        checkMirrorPod(pod, context);
        return;
      }
      const { spec } = pod;
      spec.serviceAccountName ||= DEFAULT_ACCOUNT;
      spec.serviceAccount = spec.serviceAccountName;
      const account = await find(spec.serviceAccountName, object, context, backend, clock);
      if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
        mountToken(pod, random);
      }
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        spec.imagePullSecrets = account.imagePullSecrets.map(({ name = '' }) => ({ name }));
      }
      const wrong = refuseUnlistedSecrets(pod, account);
      if (wrong !== undefined) throw forbidUnnamed(context.request, object, wrong);
    },
  };
}

function checkMirrorPod(pod: Pod, { request }: RequestContext): void {
  const { spec } = pod;
  if (spec.serviceAccountName) {
    throw forbidUnnamed(request, pod, 'a mirror pod may not reference service accounts');
  }
  const projected = spec.volumes?.some((each) =>
    each.projected?.sources?.some((source) => source.serviceAccountToken),
  );
  if (projected) {
    throw forbidUnnamed(request, pod, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
  if (spec.volumes?.some((each) => each.secret) || spec.imagePullSecrets?.length) {
    throw forbidUnnamed(request, pod, 'a mirror pod may not reference secrets');
  }
}

async function find(
  name: string,
  object: ApiObject,
  { request }: RequestContext,
  { storage }: Backend,
  clock: Clock,
): Promise<DeepReadonly<ServiceAccount>> {
  const namespace = request.namespace ?? '';
  const attempts = name === DEFAULT_ACCOUNT ? DEFAULT_ACCOUNT_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const stored = await storage.get(`/core/serviceaccounts/${namespace}/${name}`);
    if (stored !== undefined) return stored.object as DeepReadonly<ServiceAccount>;
    if (attempt === attempts) {
      const missing = unusableName(name) ?? `serviceaccount ${JSON.stringify(name)} not found`;
      throw forbidUnnamed(
        request,
        object,
        `error looking up service account ${namespace}/${name}: ${missing}`,
      );
    }
    await sleep(clock, RETRY_MS);
  }
}

/** Adds the token's volume, and a mount of it to every container that has nothing there yet. */
function mountToken({ spec }: Pod, random: Random): void {
  const existing = spec.volumes?.find((volume) => volume.name.startsWith(TOKEN_VOLUME));
  const name = existing?.name ?? TOKEN_VOLUME + randomSuffix(random);
  let used = false;
  const mount = (container: Container): void => {
    if (container.volumeMounts?.some((each) => each.mountPath === TOKEN_PATH)) return;
    container.volumeMounts ??= [];
    container.volumeMounts.push({ name, readOnly: true, mountPath: TOKEN_PATH });
    used = true;
  };
  for (const container of spec.initContainers ?? []) mount(container);
  for (const container of spec.containers ?? []) mount(container);
  if (existing || !used) return;
  spec.volumes ??= [];
  spec.volumes.push(tokenVolume(name));
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
    },
  };
}
