import { isConditionTrue } from '../../apimachinery/meta/conditions.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { CertificateSigningRequest } from '../../apis/certificates/index.ts';

/** Whether the request has a condition of that type that holds. */
export function has(request: DeepReadonly<CertificateSigningRequest>, type: string): boolean {
  return isConditionTrue(request.status?.conditions, type);
}
