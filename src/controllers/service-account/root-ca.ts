import type { DeepReadonly, Draft } from '../../apimachinery/meta/object.ts';
import type { ConfigMap } from '../../apis/core/types.ts';

/** The ConfigMap in which a pod finds whom to trust as API server. */
export const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';

const DESCRIPTION_ANNOTATION = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** The ConfigMap as it is created; `certificateAuthority` in PEM. */
export function rootCaConfigMap(certificateAuthority: string): Draft<ConfigMap> {
  return {
    metadata: { name: ROOT_CA_CONFIG_MAP, annotations: { [DESCRIPTION_ANNOTATION]: DESCRIPTION } },
    data: { 'ca.crt': certificateAuthority },
  };
}

/** The ConfigMap as it should be instead, or undefined when it is right. A description of somebody's own is left. */
export function correctedRootCa(
  stored: DeepReadonly<ConfigMap>,
  certificateAuthority: string,
): DeepReadonly<ConfigMap> | undefined {
  const data = stored.data ?? {};
  const description = stored.metadata.annotations?.[DESCRIPTION_ANNOTATION];
  const right = Object.keys(data).length === 1 && data['ca.crt'] === certificateAuthority;
  if (right && description) return undefined;
  const annotations = { ...stored.metadata.annotations, [DESCRIPTION_ANNOTATION]: DESCRIPTION };
  return {
    ...stored,
    metadata: { ...stored.metadata, annotations },
    data: { 'ca.crt': certificateAuthority },
  };
}
