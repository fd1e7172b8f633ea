/** Rules for what volumes of the cluster lie on beyond the node: those of pods' volumes, but for the secrets of other namespaces. */
import { type FieldError, invalid, required } from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import {
  labelName,
  validateDns1123Label,
  validateDns1123Subdomain,
} from '../../apimachinery/validation/index.ts';
import { STRICT_TEMPLATE } from './pod/validation-options.ts';
import { iscsiRule, NETWORK_SOURCES, validateDriverName } from './pod/volumes/network-volumes.ts';
import type { SourceRule } from './pod/volumes/source-rules.ts';
import { reportEach, requireText } from './report.ts';
import type { PersistentVolumeSpec, SecretReference } from './types.ts';

type Spec = DeepReadonly<PersistentVolumeSpec>;
/** Those of pods' volumes, and of an iSCSI name of no kind fewer words. */
const RULES = { ...NETWORK_SOURCES, iscsi: iscsiRule('') };

/** Letters of a volume's name, a colon and the portal where an initiator is named. */
const PORTAL_LETTERS_MAX = 64;
const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
] as const;

/** Checks one source; what it adds has `path`, the path of that source. `volume` is the volume's name. */
export function validateNetworkSource(
  errors: FieldError[],
  path: string,
  source: keyof PersistentVolumeSpec,
  spec: Spec,
  volume: string,
): void {
  if (source === 'csi') {
    validateCsi(errors, path, spec.csi);
    return;
  }
  const { iscsi } = spec;
  if (source === 'iscsi' && iscsi?.initiatorName != null) {
    const { targetPortal } = iscsi;
    if (`${volume}:${targetPortal}`.length > PORTAL_LETTERS_MAX) {
      const rule =
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
      errors.push(invalid(`${path}.targetportal`, targetPortal, rule));
    }
  }
  const rule = RULES[source as keyof typeof RULES] as SourceRule<unknown> | undefined;
  rule?.(errors, path, spec[source], STRICT_TEMPLATE);
  const namespace = spec.glusterfs?.endpointsNamespace;
  if (source === 'glusterfs' && namespace != null) {
    const at = `${path}.endpointsNamespace`;
    const wrongs =
      namespace === ''
        ? ['if the endpointnamespace is set, it must be a valid namespace name']
        : labelName(namespace, false);
    for (const wrong of wrongs) errors.push(invalid(at, namespace, wrong));
  }
  if (source === 'azureFile' && spec.azureFile?.secretNamespace === '') {
    errors.push(required(`${path}.secretNamespace`));
  }
  if (source !== 'cinder' && source !== 'storageos') return;
  const secret = spec[source]?.secretRef;
  if (secret) requireText(errors, `${path}.secretRef.namespace`, secret.namespace);
}

function validateCsi(errors: FieldError[], path: string, csi: Spec['csi']): void {
  validateDriverName(errors, `${path}.driver`, csi?.driver);
  requireText(errors, `${path}.volumeHandle`, csi?.volumeHandle);
  for (const field of CSI_SECRETS) {
    const secret: DeepReadonly<SecretReference> | undefined = csi?.[field];
    if (!secret) continue;
    for (const [part, form] of [
      ['name', validateDns1123Subdomain],
      ['namespace', validateDns1123Label],
    ] as const) {
      const value = secret[part];
      requireText(errors, `${path}.${field}.${part}`, value);
      if (value) reportEach(errors, `${path}.${field}.${part}`, value, form(value));
    }
  }
}
