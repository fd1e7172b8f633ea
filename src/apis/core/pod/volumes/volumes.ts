/** Rules for the volumes of a pod. The sources that a single machine serves are here; the rest in network-volumes.ts. */
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../../../apimachinery/validation/index.ts';
import { isNegative } from '../../amounts.ts';
import { validateClaimTemplate } from '../../claims.ts';
import { checkFileMode, refuseBacksteps } from '../../paths.ts';
import { reportEach, requireOneOf, requireText } from '../../report.ts';
import type { KeyToPath, Volume } from '../../types.ts';
import type { VolumesByName } from '../containers/mounts.ts';
import type { PodValidationOptions } from '../validation-options.ts';
import { validateDownwardFile } from './downward-files.ts';
import { validateKeyToPath } from './key-to-path.ts';
import { NETWORK_SOURCES } from './network-volumes.ts';
import { validateProjected } from './projected-volumes.ts';
import type { SourceRule, SourceRules } from './source-rules.ts';

/** What a hostPath may be asked to be. */
export const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];

const LOCAL_SOURCES: SourceRules = {
  emptyDir: (errors, path, { sizeLimit }) => {
    if (sizeLimit != null && isNegative(sizeLimit)) {
      errors.push(forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  },
  hostPath: (errors, path, source) => {
    if (!source.path) {
      errors.push(required(`${path}.path`));
      return;
    }
    refuseBacksteps(errors, `${path}.path`, source.path);
    if (source.type) requireOneOf(errors, `${path}.type`, source.type, HOST_PATH_TYPES);
  },
  secret: (errors, path, source) => {
    requireText(errors, `${path}.secretName`, source.secretName);
    checkFileMode(errors, `${path}.defaultMode`, source.defaultMode);
    validateItems(errors, `${path}.items`, source.items);
  },
  configMap: (errors, path, source) => {
    requireText(errors, `${path}.name`, source.name);
    checkFileMode(errors, `${path}.defaultMode`, source.defaultMode);
    validateItems(errors, `${path}.items`, source.items);
  },
  downwardAPI: (errors, path, source) => {
    checkFileMode(errors, `${path}.defaultMode`, source.defaultMode);
    for (const file of source.items ?? []) validateDownwardFile(errors, path, file);
  },
  projected: validateProjected,
  persistentVolumeClaim: (errors, path, source) => {
    requireText(errors, `${path}.claimName`, source.claimName);
  },
  ephemeral: (errors, path, source) => {
    const template = source.volumeClaimTemplate;
    if (!template) errors.push(required(`${path}.volumeClaimTemplate`));
    else validateClaimTemplate(errors, `${path}.volumeClaimTemplate`, template);
  },
  image: (errors, path, source, options) => {
    if (options.isPod) requireText(errors, `${path}.reference`, source.reference);
    requireOneOf(errors, `${path}.pullPolicy`, source.pullPolicy, PULL_POLICIES);
  },
};

/** The sources in the order in which upstream looks at them: the first one stands, each further one is refused. */
const ORDER = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const;
const RULES: SourceRules = { ...NETWORK_SOURCES, ...LOCAL_SOURCES };
/** Upstream's field names in errors that are not the field's name. */
const NAME_WHEN_SECOND: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };
const NAME_WHEN_FIRST: Readonly<Record<string, string>> = { gcePersistentDisk: 'persistentDisk' };

/** Checks the volumes of a pod or template, and answers the valid ones. `metadata` is that of a pod, absent in a template. */
export function validateVolumes(
  errors: FieldError[],
  path: string,
  volumes: DeepReadonly<Volume[]> | undefined,
  metadata: DeepReadonly<Partial<ApiObject['metadata']>> | undefined,
  options: PodValidationOptions,
): VolumesByName {
  const valid = new Map<string, DeepReadonly<Volume>>();
  if (!volumes) return valid;
  const podName = metadata?.name ?? '';
  const created = new Set(
    volumes.filter((volume) => podName && volume.ephemeral).map(({ name }) => `${podName}-${name}`),
  );
  volumes.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const before = errors.length;
    validateSource(errors, at, volume, podName, options);
    if (!volume.name) errors.push(required(`${at}.name`));
    else reportEach(errors, `${at}.name`, volume.name, validateDns1123Label(volume.name));
    if (valid.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    if (errors.length === before) valid.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName ?? '';
    if (created.has(claim)) {
      errors.push(
        invalid(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
    }
  });
  return valid;
}

function validateSource(
  errors: FieldError[],
  path: string,
  volume: DeepReadonly<Volume>,
  podName: string,
  options: PodValidationOptions,
): void {
  let found = false;
  for (const name of ORDER) {
    const source = volume[name];
    if (!source) continue;
    if (found) {
      const at = `${path}.${NAME_WHEN_SECOND[name] ?? name}`;
      errors.push(forbidden(at, 'may not specify more than 1 volume type'));
      continue;
    }
    found = true;
    const rule = RULES[name] as SourceRule<unknown> | undefined;
    rule?.(errors, `${path}.${NAME_WHEN_FIRST[name] ?? name}`, source, options);
    if (name === 'ephemeral' && podName && volume.name) {
      validateCreatedClaimName(errors, `${path}.name`, volume.name, `${podName}-${volume.name}`);
    }
  }
  if (!found) errors.push(required(path, 'must specify a volume type'));
  const portal = `${volume.name}:${volume.iscsi?.targetPortal ?? ''}`;
  if (volume.iscsi?.initiatorName != null && portal.length > 64) {
    const rule =
      'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
    errors.push(invalid(`${path}.name`, volume.name, rule));
  }
}

function validateCreatedClaimName(errors: FieldError[], path: string, volume: string, claim: string): void {
  for (const wrong of validateDns1123Subdomain(claim)) {
    errors.push(invalid(path, volume, `PVC name ${JSON.stringify(claim)}: ${wrong}`));
  }
}

function validateItems(
  errors: FieldError[],
  path: string,
  items: DeepReadonly<KeyToPath[]> | undefined,
): void {
  items?.forEach((item, index) => {
    validateKeyToPath(errors, `${path}[${index}]`, item);
  });
}
