/**
 * The storage.k8s.io group: storage classes.
 *
 * Holds types, defaults and rules. Who binds and provisions volumes is the controllers' business.
 */
export {
  applyStorageClassDefaults,
  DEFAULT_CLASS_ANNOTATION,
  defaultStorageClass,
  isDefaultClass,
  storageClassWarnings,
  validateStorageClass,
  validateStorageClassChange,
} from './storage-class.ts';
export type * from './types.ts';
