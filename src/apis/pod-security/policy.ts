import { type FieldError, invalid } from '../../apimachinery/field-error.ts';
import {
  compareLevels,
  LEVELS,
  type Level,
  type LevelVersion,
  type Policy,
  parseLevel,
  parseVersion,
} from './level.ts';

/** What the names of all labels that set a policy begin with. */
export const POLICY_LABEL_PREFIX = 'pod-security.kubernetes.io/';

type Labels = Readonly<Record<string, string>>;

/** A policy with what is wrong with the labels that it was read from. */
export interface ReadPolicy {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
}

/** The policy that is the same for all that it covers. */
export function uniformPolicy(each: LevelVersion): Policy {
  return { enforce: each, audit: each, warn: each };
}

/**
 * The policy that the labels of a namespace ask for; what they leave out is as in `defaults`. Labels that cannot be read
 * count as the strictest for what is enforced, and as nothing for what is warned of and noted.
 */
export function policyOfLabels(labels: Labels, defaults: Policy): ReadPolicy {
  const errors: FieldError[] = [];
  const enforce = read(labels, 'enforce', defaults.enforce, 'restricted', errors);
  const audit = read(labels, 'audit', defaults.audit, 'privileged', errors);
  const warn = read(labels, 'warn', defaults.warn, 'privileged', errors);
  return {
    policy: { enforce, audit, warn: atLeastEnforced(labels, enforce, warn) },
    errors,
  };
}

/** Who names a level to enforce and none to warn of is warned of what is enforced, so that Jobs tell it before their pods. */
function atLeastEnforced(labels: Labels, enforce: LevelVersion, warn: LevelVersion): LevelVersion {
  const named = parseLevel(label(labels, 'enforce') ?? '') !== undefined;
  if (label(labels, 'warn') !== undefined || !named) return warn;
  if (compareLevels(enforce.level, warn.level) <= 0) return warn;
  const version = label(labels, 'warn-version') === undefined ? enforce.version : warn.version;
  return { level: enforce.level, version };
}

function read(
  labels: Labels,
  mode: string,
  otherwise: LevelVersion,
  unreadable: Level,
  errors: FieldError[],
): LevelVersion {
  const levelText = label(labels, mode);
  const versionText = label(labels, `${mode}-version`);
  const level = levelText === undefined ? otherwise.level : parseLevel(levelText);
  const version = versionText === undefined ? otherwise.version : parseVersion(versionText);
  const refuse = (name: string, value: string, why: string): void =>
    void errors.push(invalid(`metadata.labels[${POLICY_LABEL_PREFIX}${name}]`, value, why));
  if (level === undefined) refuse(mode, levelText ?? '', `must be one of ${LEVELS.join(', ')}`);
  if (version === undefined) refuse(`${mode}-version`, versionText ?? '', 'must be "latest" or "v1.x"');
  return { level: level ?? unreadable, version: version ?? Infinity };
}

function label(labels: Labels, name: string): string | undefined {
  const key = POLICY_LABEL_PREFIX + name;
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
