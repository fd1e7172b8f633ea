import type { ApiRequest } from '../../apimachinery/api-request.ts';
import type { Clock } from '../../apimachinery/clock.ts';
import type { ApiObject, DeepReadonly } from '../../apimachinery/meta/object.ts';
import { newInternalError, newInvalid } from '../../apimachinery/status-error.ts';
import type { CronJob, Job } from '../../apis/batch/types.ts';
import type { Pod, PodSpec, PodTemplate } from '../../apis/core/types.ts';
import {
  compareLevels,
  type LevelVersion,
  levelVersionText,
  POLICY_LABEL_PREFIX,
  type Policy,
  policyOfLabels,
  reasonsText,
  type Subject,
  sameLevelVersion,
  uniformPolicy,
  violationsOf,
  violationsText,
} from '../../apis/pod-security/index.ts';
import type { AdmissionPlugin, RequestContext } from '../../apiserver/resource.ts';
import type { Storage } from '../../storage/storage.ts';
import { forbid } from './forbid.ts';

/** Pods of a namespace that are looked at when it becomes stricter, upstream's. */
const PODS_TO_CHECK_MAX = 3000;
/** Milliseconds that this may take, upstream's. */
const CHECK_MS_MAX = 1000;
/** Pods read at once. */
const PAGE = 500;

/** Subresources of pods that change nothing of what is asked of them. */
const IGNORED: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

/** What would become pods, by group and resource; pods themselves apart. */
const TEMPLATES: ReadonlySet<string> = new Set(['/podtemplates', 'batch/jobs', 'batch/cronjobs']);

type Labels = Readonly<Record<string, string>>;

/** What is read of a pod's template. */
interface Template {
  readonly metadata?: Subject['metadata'];
  readonly spec?: DeepReadonly<PodSpec>;
}

/**
 * Pod Security admission: holds pods against the level that their namespace asks for by labels, or else `otherwise`. A pod
 * below it is refused; a Job, a CronJob or a template that would make such pods is warned of; a namespace that becomes
 * stricter tells which of its pods would not be let in any more.
 */
export function podSecurity(otherwise: LevelVersion, clock: Clock): AdmissionPlugin {
  const admission = new PodSecurity(uniformPolicy(otherwise), clock);
  return {
    name: 'PodSecurity',
    phase: 'validating',
    handles: ({ group, resource, subresource = '', verb }) => {
      if (verb !== 'create' && verb !== 'update' && verb !== 'patch') return false;
      if (group === '' && resource === 'pods') return !IGNORED.has(subresource);
      const isNamespace = group === '' && resource === 'namespaces';
      return subresource === '' && (isNamespace || TEMPLATES.has(`${group}/${resource}`));
    },
    admit(object, old, context, { storage }) {
      if (object === undefined) return undefined;
      const { resource } = context.request;
      if (resource === 'namespaces') return admission.namespace(object, old, context, storage);
      return admission.subject(object, old, context, storage);
    },
  };
}

/** The decisions of one server. */
class PodSecurity {
  readonly #defaults: Policy;
  readonly #clock: Clock;

  constructor(defaults: Policy, clock: Clock) {
    this.#defaults = defaults;
    this.#clock = clock;
  }

  async namespace(
    namespace: ApiObject,
    old: DeepReadonly<ApiObject> | undefined,
    context: RequestContext,
    storage: Storage,
  ): Promise<void> {
    const { name, labels = {} } = namespace.metadata;
    const { policy, errors } = policyOfLabels(labels, this.#defaults);
    const before = old === undefined ? undefined : policyOfLabels(old.metadata.labels ?? {}, this.#defaults);
    const known = new Set(before?.errors.map(String));
    const isNew = errors.length !== known.size || errors.some((each) => !known.has(String(each)));
    if (errors.length > 0 && isNew) throw newInvalid('', 'Namespace', name, errors);
    if (before === undefined || isNoStricter(policy.enforce, before.policy.enforce)) return;
    for (const text of await this.#violators(name, policy.enforce, storage)) context.warn(text);
  }

  async subject(
    object: ApiObject,
    old: DeepReadonly<ApiObject> | undefined,
    context: RequestContext,
    storage: Storage,
  ): Promise<void> {
    const { request } = context;
    const isPod = request.resource === 'pods';
    const labels = await labelsOf(request, storage);
    if (labels === undefined) {
      if (!isPod) return;
      throw newInternalError(new Error(`failed to lookup namespace ${JSON.stringify(request.namespace)}`));
    }
    const { policy, errors } = policyOfLabels(labels, this.#defaults);
    const { enforce, audit, warn } = policy;
    const idle = audit.level === 'privileged' && warn.level === 'privileged';
    if (idle && (!isPod || enforce.level === 'privileged')) return;
    const subject = subjectOf(object);
    if (subject === undefined) return;
    if (isPod && old !== undefined && !isSignificant(object as Pod, old as DeepReadonly<Pod>)) return;
    if (errors.length > 0) {
      const texts = errors.map(String);
      const text = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
      context.annotate(`${POLICY_LABEL_PREFIX}error`, `Failed to parse policy: ${text}`);
    }
    this.#judge(policy, subject, object, context, isPod);
  }

  #judge(
    { enforce, audit, warn }: Policy,
    subject: Subject,
    object: ApiObject,
    context: RequestContext,
    enforces: boolean,
  ): void {
    const textOf = (each: LevelVersion): string => violationsText(violationsOf(each, subject));
    const noted = textOf(audit);
    if (noted !== '') {
      const text = `would violate PodSecurity ${JSON.stringify(levelVersionText(audit))}: ${noted}`;
      context.annotate(`${POLICY_LABEL_PREFIX}audit-violations`, text);
    }
    if (enforces) {
      context.annotate(`${POLICY_LABEL_PREFIX}enforce-policy`, levelVersionText(enforce));
      const forbidden = sameLevelVersion(enforce, audit) ? noted : textOf(enforce);
      if (forbidden !== '') {
        const why = `violates PodSecurity ${JSON.stringify(levelVersionText(enforce))}: ${forbidden}`;
        throw forbid(context.request, object, why);
      }
    }
    const doubtful = sameLevelVersion(warn, audit) ? noted : textOf(warn);
    if (doubtful === '') return;
    context.warn(`would violate PodSecurity ${JSON.stringify(levelVersionText(warn))}: ${doubtful}`);
  }

  /** What to say of the pods that are there, when their namespace begins to ask for more. */
  async #violators(namespace: string, enforce: LevelVersion, storage: Storage): Promise<readonly string[]> {
    const start = this.#clock.monotonic();
    const prefix = `/core/pods/${namespace}/`;
    const firstOf = new Map<string, { name: string; count: number }>();
    let checked = 0;
    let total = 0;
    for (let after = ''; ; ) {
      const page = await storage.list(prefix, { limit: PAGE, ...(after === '' ? {} : { after }) });
      total = checked + page.items.length + page.remaining;
      for (const { object, key } of page.items) {
        after = key;
        note(firstOf, object, enforce);
        checked++;
      }
      const late = this.#clock.monotonic() - start > CHECK_MS_MAX;
      if (!page.more || checked >= PODS_TO_CHECK_MAX || late) break;
    }
    const texts: string[] = [];
    if (checked < total) {
      texts.push(
        `new PodSecurity enforce level only checked against the first ${checked} of ${total} existing pods`,
      );
    }
    if (firstOf.size > 0) {
      const level = JSON.stringify(levelVersionText(enforce));
      const where = JSON.stringify(namespace);
      texts.push(`existing pods in namespace ${where} violate the new PodSecurity enforce level ${level}`);
    }
    const each = [...firstOf].map(([reasons, { name, count }]) => `${name}${others(count)}: ${reasons}`);
    return [...texts, ...each.sort()];
  }
}

function note(
  firstOf: Map<string, { name: string; count: number }>,
  pod: DeepReadonly<ApiObject>,
  enforce: LevelVersion,
): void {
  const subject = subjectOf(pod);
  const reasons = subject === undefined ? '' : reasonsText(violationsOf(enforce, subject));
  if (reasons === '') return;
  // Pods come in the order of their names, so that the first of each kind is the one to name.
  const known = firstOf.get(reasons);
  if (known === undefined) firstOf.set(reasons, { name: pod.metadata.name, count: 1 });
  else known.count++;
}

function others(count: number): string {
  if (count === 1) return '';
  return count === 2 ? ' (and 1 other pod)' : ` (and ${count - 1} other pods)`;
}

/** Whether nothing that was allowed before is forbidden now. */
function isNoStricter(now: LevelVersion, before: LevelVersion): boolean {
  if (sameLevelVersion(now, before) || now.level === 'privileged') return true;
  return now.version === before.version && compareLevels(now.level, before.level) <= 0;
}

async function labelsOf({ namespace = '' }: ApiRequest, storage: Storage): Promise<Labels | undefined> {
  const stored = await storage.get(`/core/namespaces/${namespace}`);
  return stored === undefined ? undefined : (stored.object.metadata.labels ?? {});
}

/** The pod that an object is or would make; undefined when it says nothing of one. */
function subjectOf(object: DeepReadonly<ApiObject>): Subject | undefined {
  switch (object.kind) {
    case 'Pod':
      return object as DeepReadonly<Pod>;
    case 'PodTemplate':
      return ofTemplate((object as DeepReadonly<PodTemplate>).template);
    case 'Job':
      return ofTemplate((object as DeepReadonly<Job>).spec.template);
    case 'CronJob':
      return ofTemplate((object as DeepReadonly<CronJob>).spec.jobTemplate.spec?.template);
    default:
      return undefined;
  }
}

function ofTemplate(template: Template | undefined): Subject | undefined {
  if (template?.spec === undefined) return undefined;
  const { metadata, spec } = template;
  return metadata === undefined ? { spec } : { metadata, spec };
}

/** Whether an update of a pod changes anything that the checks look at: its images, or which containers it has. */
function isSignificant(pod: DeepReadonly<Pod>, old: DeepReadonly<Pod>): boolean {
  for (const field of ['containers', 'initContainers'] as const) {
    const [now = [], before = []] = [pod.spec[field], old.spec[field]];
    if (now.length !== before.length || now.some(({ image }, at) => image !== before[at]?.image)) return true;
  }
  const before = old.spec.ephemeralContainers ?? [];
  return (pod.spec.ephemeralContainers ?? []).some(
    ({ name, image }) => before.find((each) => each.name === name)?.image !== image,
  );
}
