/** Rules for certificate requests. Upstream: pkg/apis/certificates/validation. */

import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../apimachinery/field-error.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { messageOf } from '../../apimachinery/thrown.ts';
import { validateDns1123Label, validateDns1123Subdomain } from '../../apimachinery/validation/index.ts';
import { sameMeaning } from '../core/index.ts';
import { parseCertificateRequest } from './certificate-request.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from './types.ts';

type AnyRequest = DeepReadonly<CertificateSigningRequest>;
type Condition = DeepReadonly<CertificateSigningRequestCondition>;

/** Which part of a request an endpoint may set. */
export type RequestPart = 'none' | 'status' | 'approval';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
/** Seconds that a certificate must be asked for at least. */
const EXPIRATION_SECONDS_MIN = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
/** Characters of a domain name, of a label. */
const DOMAIN_MAX = 253;
const LABEL_MAX = 63;
const DECISIONS = ['Approved', 'Denied'];

/** Checks a new request. */
export function validateSigningRequest(request: AnyRequest): FieldError[] {
  const errors: FieldError[] = [];
  const { spec, status } = request;
  try {
    parseCertificateRequest(spec.request ?? '');
  } catch (error) {
    const text = messageOf(error);
    errors.push(invalid('spec.request', spec.request, text));
  }
  const { usages = [] } = spec;
  if (usages.length === 0) errors.push(required('spec.usages'));
  usages.forEach((usage, at) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${at}]`, usage, USAGES));
  });
  usages.forEach((usage, at) => {
    if (usages.indexOf(usage) < at) errors.push(duplicate(`spec.usages[${at}]`, usage));
  });
  errors.push(...validateSignerName('spec.signerName', spec.signerName ?? ''));
  if (spec.expirationSeconds !== undefined && spec.expirationSeconds < EXPIRATION_SECONDS_MIN) {
    const rule = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(invalid('spec.expirationSeconds', spec.expirationSeconds, rule));
  }
  validateConditions(errors, status?.conditions ?? []);
  validateCertificate(errors, status?.certificate);
  return errors;
}

/** Checks a change of a request through an endpoint that may set `part`. */
export function validateSigningRequestUpdate(
  request: AnyRequest,
  old: AnyRequest,
  part: RequestPart,
): FieldError[] {
  const errors = validateSigningRequest(request);
  const of = (each: AnyRequest, type: string): readonly Condition[] =>
    (each.status?.conditions ?? []).filter((condition) => condition.type === type);
  for (const type of [...DECISIONS, 'Failed']) {
    if (of(request, type).length < of(old, type).length) {
      const rule = `updates may not remove a condition of type ${JSON.stringify(type)}`;
      errors.push(forbidden('status.conditions', rule));
    }
  }
  if (part !== 'approval') {
    for (const type of DECISIONS) {
      const [before, now] = [of(old, type), of(request, type)];
      const verb = now.length > before.length ? 'add' : 'modify';
      if (now.length < before.length || sameMeaning(before, now)) continue;
      errors.push(
        forbidden('status.conditions', `updates may not ${verb} a condition of type ${JSON.stringify(type)}`),
      );
    }
  }
  const [before, now] = [old.status?.certificate ?? '', request.status?.certificate ?? ''];
  if (before !== now) {
    if (part !== 'status') {
      errors.push(forbidden('status.certificate', 'updates may not set certificate content'));
    } else if (before !== '') {
      const rule = 'updates may not modify existing certificate content';
      errors.push(forbidden('status.certificate', rule));
    }
  }
  return errors;
}

function validateConditions(errors: FieldError[], conditions: readonly Condition[]): void {
  const seen = new Set<string>();
  conditions.forEach(({ type, status }, at) => {
    const path = `status.conditions[${at}]`;
    if (!type) errors.push(required(`${path}.type`));
    const isFinal = [...DECISIONS, 'Failed'].includes(type);
    const allowed = isFinal ? ['True'] : ['False', 'True', 'Unknown'];
    if (!status) errors.push(required(`${path}.status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${path}.status`, status, allowed));
    const other = DECISIONS.includes(type) ? DECISIONS.find((each) => each !== type) : undefined;
    if (other !== undefined && seen.has(other)) {
      const rule = 'Approved and Denied conditions are mutually exclusive';
      errors.push(invalid('status.conditions', type, rule));
    }
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
  });
}

function validateCertificate(errors: FieldError[], base64: string | undefined): void {
  if (!base64) return;
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const blocks = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)];
  const wrong = blocks.find(([, type]) => type !== 'CERTIFICATE');
  const rule =
    blocks.length === 0
      ? 'must contain at least one CERTIFICATE PEM block'
      : wrong !== undefined
        ? `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(wrong[1])}`
        : blocks.some(([, , body = '']) => body.includes(':'))
          ? 'no PEM block headers are permitted'
          : undefined;
  if (rule !== undefined) errors.push(invalid('status.certificate', '<certificate data>', rule));
}

function validateSignerName(path: string, name: string): FieldError[] {
  if (name === '') return [required(path)];
  if (name === LEGACY_SIGNER) {
    return [invalid(path, name, 'the legacy signerName is not allowed via this API version')];
  }
  const [domain = '', signer = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0) {
    const form = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, form)];
  }
  const errors: FieldError[] = [];
  if (domain.length > DOMAIN_MAX) errors.push(tooLong(path, DOMAIN_MAX));
  const wrong = (part: string, label: string, wrongs: readonly string[]): void => {
    if (wrongs.length === 0) return;
    errors.push(invalid(path, part, `validating label ${JSON.stringify(label)}: ${wrongs.join(', ')}`));
  };
  const labels = domain.split('.');
  for (const label of labels) wrong(domain, label, validateDns1123Label(label));
  if (labels.length < 2) {
    const rule = 'should be a domain with at least two segments separated by dots';
    errors.push(invalid(path, domain, rule));
  }
  for (const label of signer.split('.')) wrong(signer, label, validateDns1123Subdomain(label));
  const longest = DOMAIN_MAX + 1 + DOMAIN_MAX + 1 + LABEL_MAX;
  if (name.length > longest) errors.push(tooLong(path, longest));
  return errors;
}
