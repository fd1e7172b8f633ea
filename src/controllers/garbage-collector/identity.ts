import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { OwnerReference } from '../../apimachinery/meta/types.ts';

/** Which object is meant. `namespace` is empty for cluster-scoped kinds. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A reference as it is stored. */
export type Reference = DeepReadonly<OwnerReference>;

/** A text that is the same for the same identity, and orders identities by kind, apiVersion, namespace and name. */
export function textOf({ kind, apiVersion, namespace, name, uid }: Identity): string {
  return [kind, apiVersion, namespace, name, uid].join('\0');
}

/** How upstream writes an identity in messages. */
export function describe({ apiVersion, kind, namespace, name, uid }: Identity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

/** Whether the reference names that object, its namespace aside. */
export function names(reference: Reference, identity: Identity): boolean {
  return (
    reference.uid === identity.uid &&
    reference.name === identity.name &&
    reference.kind === identity.kind &&
    reference.apiVersion === identity.apiVersion
  );
}
