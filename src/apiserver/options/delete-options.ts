import { type FieldError, invalid, unsupported } from '../../apimachinery/field-error.ts';
import type { DeleteOptions } from '../../apimachinery/meta/types.ts';
import { newBadRequest, newInvalid } from '../../apimachinery/status-error.ts';
import { goKind } from '../type-complaint.ts';
import { booleanParameter, integerParameter } from './parameters.ts';
import { dryRunErrors, dryRunValues, type Query } from './write-options.ts';

const POLICIES = ['Foreground', 'Background', 'Orphan', 'nil'];

/** Reads DeleteOptions from the body, or from the parameters when there is none, and checks them. */
export function deleteOptions(body: unknown, query: Query): DeleteOptions {
  const options = body === undefined || body === null ? fromQuery(query) : fromBody(body);
  const { propagationPolicy: policy } = options;
  const errors: FieldError[] = [];
  if (options.orphanDependents !== undefined && policy !== undefined) {
    errors.push(
      invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  }
  if (policy !== undefined && !POLICIES.slice(0, 3).includes(policy)) {
    errors.push(unsupported('propagationPolicy', policy, POLICIES));
  }
  errors.push(...dryRunErrors(options.dryRun ?? []));
  if (errors.length > 0) throw newInvalid('meta.k8s.io', 'DeleteOptions', '', errors);
  return options;
}

/** Whether the options ask for a rehearsal. */
export function isDryRun(options: DeleteOptions): boolean {
  return (options.dryRun?.length ?? 0) > 0;
}

function fromBody(body: unknown): DeleteOptions {
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw newBadRequest('decoded object cannot be converted to DeleteOptions');
  }
  const { gracePeriodSeconds: grace } = body as { readonly gracePeriodSeconds?: unknown };
  const isWhole = typeof grace === 'bigint' || Number.isInteger(grace);
  if (grace !== undefined && grace !== null && !isWhole) {
    const what = typeof grace === 'number' ? `number ${grace}` : goKind(grace);
    const field = 'Go struct field DeleteOptions.gracePeriodSeconds of type int64';
    throw newBadRequest(`json: cannot unmarshal ${what} into ${field}`);
  }
  const options = body as DeleteOptions;
  const { kind = 'DeleteOptions', apiVersion = 'meta.k8s.io/v1' } = options;
  if (kind === 'DeleteOptions') return options;
  if (OTHER_OPTIONS.includes(kind)) {
    throw newBadRequest('decoded object cannot be converted to DeleteOptions');
  }
  const [quotedKind, quotedVersion] = [JSON.stringify(kind), JSON.stringify(apiVersion)];
  throw newBadRequest(
    `no kind ${quotedKind} is registered for version ${quotedVersion} in scheme "${SCHEME}"`,
  );
}

/** Kinds besides DeleteOptions that upstream's decoder of options knows in every group. */
const OTHER_OPTIONS: readonly string[] = ['CreateOptions', 'UpdateOptions'];
/** How upstream names the registry of the kinds of options, in its message about one that is not in it. */
const SCHEME = 'pkg/apis/meta/internalversion/scheme/register.go:27';

function fromQuery({ parameters, repeated }: Query): DeleteOptions {
  if (parameters === undefined) return {};
  const dryRun = dryRunValues(parameters, repeated);
  const { propagationPolicy, uid, resourceVersion } = parameters;
  const preconditions = {
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
  const gracePeriodSeconds = integerParameter(parameters, 'gracePeriodSeconds');
  const orphanDependents = booleanParameter(parameters, 'orphanDependents');
  return {
    ...(dryRun.length === 0 ? {} : { dryRun: [...dryRun] }),
    ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
  };
}
