/** The authentication.k8s.io group: types of the reviews that tell who somebody is. */
export type * from './types.ts';
