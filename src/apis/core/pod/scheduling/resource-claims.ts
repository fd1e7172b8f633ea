import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
} from '../../../../apimachinery/field-error.ts';
import type { ApiObject, DeepReadonly } from '../../../../apimachinery/meta/object.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../../../apimachinery/validation/index.ts';
import { reportEach } from '../../report.ts';
import type { PodResourceClaim, PodSpec } from '../../types.ts';
import { MIRROR_POD } from '../annotations.ts';

/** The names by which a pod's containers may refer to its claims of devices. */
export function claimNames(spec: DeepReadonly<PodSpec>): ReadonlySet<string> {
  return new Set(spec.resourceClaims?.map((claim) => claim.name).filter((name) => name));
}

/** Checks a pod's claims of devices. */
export function validatePodClaims(
  errors: FieldError[],
  path: string,
  spec: DeepReadonly<PodSpec>,
  metadata: DeepReadonly<Partial<ApiObject['metadata']>> | undefined,
): void {
  const seen = new Set<string>();
  spec.resourceClaims?.forEach((claim, index) => {
    if (metadata?.annotations?.[MIRROR_POD] !== undefined) {
      errors.push(forbidden('', 'static pods do not support resource claims'));
      return;
    }
    const at = `${path}[${index}]`;
    if (!claim.name) errors.push(required(`${at}.name`));
    else if (seen.has(claim.name)) errors.push(duplicate(`${at}.name`, claim.name));
    else reportEach(errors, `${at}.name`, claim.name, validateDns1123Label(claim.name));
    seen.add(claim.name);
    validateSource(errors, at, claim);
  });
}

function validateSource(errors: FieldError[], path: string, claim: DeepReadonly<PodResourceClaim>): void {
  const { resourceClaimName: name, resourceClaimTemplateName: template } = claim;
  const shown = {
    Name: claim.name,
    ResourceClaimName: name ?? null,
    ResourceClaimTemplateName: template ?? null,
  };
  if (name != null && template != null) {
    const rule = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
    errors.push(invalid(path, shown, rule));
  }
  if (name == null && template == null) {
    const rule = 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
    errors.push(invalid(path, shown, rule));
  }
  if (name != null) reportEach(errors, `${path}.resourceClaimName`, name, validateDns1123Subdomain(name));
  if (template != null) {
    reportEach(errors, `${path}.resourceClaimTemplateName`, template, validateDns1123Subdomain(template));
  }
}
