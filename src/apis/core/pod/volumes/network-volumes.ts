/** Rules for the volumes that other machines and clouds serve. They are checked though no part of longshore mounts them. */
import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../../apimachinery/field-error.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../../../apimachinery/validation/index.ts';
import { requireDescending } from '../../paths.ts';
import { reportEach, requireText } from '../../report.ts';
import type { Volume } from '../../types.ts';
import type { SourceRule, SourceRules } from './source-rules.ts';

const RANGE_255 = 'must be between 0 and 255, inclusive';
const PARTITION = 'must be between 1 and 255, inclusive';
const QUALIFIED_NAMES = [
  /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  /^eui.[A-Za-z0-9]{16}$/,
  /^naa.[A-Za-z0-9]{32}$/,
];
const QUALIFIED_PREFIXES = ['iqn', 'eui', 'naa'];
const REGISTRY = 'must be a host:port pair or multiple pairs separated by commas';
const MANAGED_DISK =
  '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_DISK = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

/** Adds what is wrong with the name of an iSCSI target or initiator. */
function validateIscsiName(errors: FieldError[], path: string, name: string, hint: string): void {
  const kind = QUALIFIED_PREFIXES.findIndex((prefix) => name.startsWith(prefix));
  if (kind < 0) errors.push(invalid(path, name, `must be valid format${hint}`));
  else if (!QUALIFIED_NAMES[kind]?.test(name)) errors.push(invalid(path, name, 'must be valid format'));
}

/** The rule for iSCSI volumes. `hint`: what is said besides of a name of no kind. */
export function iscsiRule(hint: string): SourceRule<NonNullable<Volume['iscsi']>> {
  return (errors, path, source) => {
    requireText(errors, `${path}.targetPortal`, source.targetPortal);
    requireText(errors, `${path}.iqn`, source.iqn);
    if (source.iqn) validateIscsiName(errors, `${path}.iqn`, source.iqn, hint);
    if (outside(source.lun)) errors.push(invalid(`${path}.lun`, source.lun, RANGE_255));
    if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) {
      errors.push(required(`${path}.secretRef`));
    }
    if (source.initiatorName != null) {
      validateIscsiName(errors, `${path}.initiatorname`, source.initiatorName, hint);
    }
  };
}

const outside = (value: number | undefined): boolean => (value ?? 0) < 0 || (value ?? 0) > 255;
const isHostPort = (text: string): boolean => /^(?:[^:[\]]*|\[[^\]]*\]):[^:]*$/.test(text);

/** The rules by name of the source. */
export const NETWORK_SOURCES: SourceRules = {
  gitRepo: (errors, path, source) => {
    requireText(errors, `${path}.repository`, source.repository);
    requireDescending(errors, `${path}.directory`, source.directory ?? '');
  },
  gcePersistentDisk: (errors, path, source) => {
    requireText(errors, `${path}.pdName`, source.pdName);
    if (outside(source.partition)) errors.push(invalid(`${path}.partition`, source.partition, PARTITION));
  },
  awsElasticBlockStore: (errors, path, source) => {
    requireText(errors, `${path}.volumeID`, source.volumeID);
    if (outside(source.partition)) errors.push(invalid(`${path}.partition`, source.partition, PARTITION));
  },
  nfs: (errors, path, source) => {
    requireText(errors, `${path}.server`, source.server);
    requireText(errors, `${path}.path`, source.path);
    if (!source.path?.startsWith('/')) {
      errors.push(invalid(`${path}.path`, source.path ?? '', 'must be an absolute path'));
    }
  },
  iscsi: iscsiRule(' starting with iqn, eui, or naa'),
  glusterfs: (errors, path, source) => {
    requireText(errors, `${path}.endpoints`, source.endpoints);
    requireText(errors, `${path}.path`, source.path);
  },
  flocker: (errors, path, { datasetName, datasetUUID }) => {
    if (!datasetName && !datasetUUID) {
      errors.push(required(path, 'one of datasetName and datasetUUID is required'));
    }
    if (datasetName && datasetUUID) {
      const rule = 'datasetName and datasetUUID can not be specified simultaneously';
      errors.push(invalid(path, 'resource', rule));
    }
    if (datasetName?.includes('/')) {
      errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"));
    }
  },
  rbd: (errors, path, source) => {
    if (!source.monitors?.length) errors.push(required(`${path}.monitors`));
    requireText(errors, `${path}.image`, source.image);
  },
  cinder: (errors, path, source) => {
    requireText(errors, `${path}.volumeID`, source.volumeID);
    if (source.secretRef) requireText(errors, `${path}.secretRef.name`, source.secretRef.name);
  },
  cephfs: (errors, path, source) => {
    if (!source.monitors?.length) errors.push(required(`${path}.monitors`));
  },
  quobyte: (errors, path, source) => {
    if (!source.registry) errors.push(required(`${path}.registry`, REGISTRY));
    else if ((source.tenant?.length ?? 0) >= 65) {
      errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
    } else {
      for (const pair of source.registry.split(',')) {
        if (!isHostPort(pair)) errors.push(invalid(`${path}.registry`, source.registry, REGISTRY));
      }
    }
    requireText(errors, `${path}.volume`, source.volume);
  },
  fc: (errors, path, source) => {
    const targets = source.targetWWNs?.length ?? 0;
    const ids = source.wwids?.length ?? 0;
    if (targets + ids === 0) {
      errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
    }
    if (targets > 0 && ids > 0) {
      const rule = 'targetWWNs and wwids can not be specified simultaneously';
      errors.push(invalid(`${path}.targetWWNs`, source.targetWWNs, rule));
    }
    if (targets > 0 && source.lun == null) {
      errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
    } else if (targets > 0 && outside(source.lun)) {
      errors.push(invalid(`${path}.lun`, source.lun, RANGE_255));
    }
  },
  flexVolume: (errors, path, source) => {
    requireText(errors, `${path}.driver`, source.driver);
    for (const key of Object.keys(source.options ?? {})) {
      const namespace = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
      if (namespace.endsWith('.kubernetes.io') || namespace.endsWith('.k8s.io')) {
        const rule = 'kubernetes.io and k8s.io namespaces are reserved';
        errors.push(invalid(`${path}.options[${key}]`, key, rule));
      }
    }
  },
  azureFile: (errors, path, source) => {
    requireText(errors, `${path}.secretName`, source.secretName);
    requireText(errors, `${path}.shareName`, source.shareName);
  },
  vsphereVolume: (errors, path, source) => {
    requireText(errors, `${path}.volumePath`, source.volumePath);
  },
  photonPersistentDisk: (errors, path, source) => {
    requireText(errors, `${path}.pdID`, source.pdID);
  },
  portworxVolume: (errors, path, source) => {
    requireText(errors, `${path}.volumeID`, source.volumeID);
  },
  azureDisk: (errors, path, source) => {
    requireText(errors, `${path}.diskName`, source.diskName);
    requireText(errors, `${path}.diskURI`, source.diskURI);
    const modes = ['None', 'ReadOnly', 'ReadWrite'];
    const mode: string | undefined = source.cachingMode;
    if (mode != null && !modes.includes(mode)) errors.push(notSupported(`${path}.cachingMode`, mode, modes));
    const kinds = ['Dedicated', 'Managed', 'Shared'];
    const kind: string | undefined = source.kind;
    if (kind == null) return;
    if (!kinds.includes(kind)) errors.push(notSupported(`${path}.kind`, kind, kinds));
    const uri = source.diskURI ?? '';
    if (kind === 'Managed' && !uri.startsWith('/subscriptions/')) {
      errors.push(notSupported(`${path}.diskURI`, uri, [MANAGED_DISK]));
    } else if (kind !== 'Managed' && !uri.startsWith('https://')) {
      errors.push(notSupported(`${path}.diskURI`, uri, [BLOB_DISK]));
    }
  },
  storageos: (errors, path, { volumeName, volumeNamespace, secretRef }) => {
    requireText(errors, `${path}.volumeName`, volumeName);
    if (volumeName) reportEach(errors, `${path}.volumeName`, volumeName, validateDns1123Label(volumeName));
    if (volumeNamespace) {
      reportEach(errors, `${path}.volumeNamespace`, volumeNamespace, validateDns1123Label(volumeNamespace));
    }
    if (secretRef) requireText(errors, `${path}.secretRef.name`, secretRef.name);
  },
  scaleIO: (errors, path, source) => {
    requireText(errors, `${path}.gateway`, source.gateway);
    requireText(errors, `${path}.system`, source.system);
    requireText(errors, `${path}.volumeName`, source.volumeName);
  },
  csi: (errors, path, source) => {
    validateDriverName(errors, `${path}.driver`, source.driver);
    const secret = source.nodePublishSecretRef;
    if (!secret) return;
    requireText(errors, `${path}.nodePublishSecretRef.name`, secret.name);
    if (secret.name) reportEach(errors, `${path}.name`, secret.name, validateDns1123Subdomain(secret.name));
  },
};

/** Checks the name of a CSI driver: a domain name of at most 63 letters, upper case allowed. */
export function validateDriverName(errors: FieldError[], path: string, driver: string | undefined): void {
  if (!driver) {
    errors.push(required(path));
    return;
  }
  if (driver.length > 63) errors.push(tooLong(path, 63));
  reportEach(errors, path, driver, validateDns1123Subdomain(driver.toLowerCase()));
}
