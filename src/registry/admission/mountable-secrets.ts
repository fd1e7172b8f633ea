import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Container, Pod, ServiceAccount } from '../../apis/core/types.ts';

/** On a service account: its pods may use no secrets but those it lists. */
const ENFORCE = 'kubernetes.io/enforce-mountable-secrets';

/** What a pod uses that its account does not list, in words; undefined when that is fine or nobody asks. */
export function refuseUnlistedSecrets(
  { spec }: DeepReadonly<Pod>,
  account: DeepReadonly<ServiceAccount>,
): string | undefined {
  if (!/^(?:1|t|true)$/i.test(account.metadata.annotations?.[ENFORCE] ?? '')) return undefined;
  const { name } = account.metadata;
  const listed = new Set(account.secrets?.map((each) => each.name ?? ''));
  const because = `is not allowed because service account ${name} does not reference that secret`;
  for (const { secret } of spec.volumes ?? []) {
    if (secret && !listed.has(secret.secretName ?? '')) {
      return `volume with secret.secretName="${secret.secretName}" ${because}`;
    }
  }
  const containers: readonly (readonly [string, DeepReadonly<Container>])[] = [
    ...(spec.initContainers ?? []).map((each) => ['init container', each] as const),
    ...(spec.containers ?? []).map((each) => ['container', each] as const),
  ];
  for (const [kind, container] of containers) {
    const used = unlisted(container, listed);
    if (used !== undefined) return `${kind} ${container.name} with ${used} ${because}`;
  }
  const pullable = new Set(account.imagePullSecrets?.map((each) => each.name));
  const index = (spec.imagePullSecrets ?? []).findIndex((each) => !pullable.has(each.name));
  if (index < 0) return undefined;
  const secret = spec.imagePullSecrets?.[index]?.name;
  return `imagePullSecrets[${index}].name="${secret}" is not allowed because service account ${name} does not reference that imagePullSecret`;
}

function unlisted(container: DeepReadonly<Container>, listed: ReadonlySet<string>): string | undefined {
  for (const { name, valueFrom } of container.env ?? []) {
    const secret = valueFrom?.secretKeyRef?.name ?? '';
    if (valueFrom?.secretKeyRef && !listed.has(secret)) {
      return `envVar ${name} referencing secret.secretName="${secret}"`;
    }
  }
  for (const { secretRef } of container.envFrom ?? []) {
    if (secretRef && !listed.has(secretRef.name ?? '')) {
      return `envFrom referencing secret.secretName="${secretRef.name}"`;
    }
  }
  return undefined;
}
