/** The storage.k8s.io group in the server: storage classes. */
export { storageClasses } from './storage-classes.ts';
