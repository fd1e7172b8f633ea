/** How strict a policy is: a level of the Pod Security Standards, as of one minor version of Kubernetes. */

/** The levels, from the most lenient to the strictest. */
export const LEVELS = ['privileged', 'baseline', 'restricted'] as const;

/** One of {@link LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** A level as of a version. */
export interface LevelVersion {
  readonly level: Level;
  /** Minor version of Kubernetes 1.x; Infinity stands for `latest`. */
  readonly version: number;
}

/** What is asked of pods (enforce), noted in the audit log, and warned of. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

/** A level with its version as one text: `baseline:latest`, `restricted:v1.30`. */
export function levelVersionText({ level, version }: LevelVersion): string {
  return `${level}:${version === Infinity ? 'latest' : `v1.${version}`}`;
}

/** The level of that name; undefined for none. */
export function parseLevel(text: string): Level | undefined {
  return LEVELS.find((each) => each === text);
}

/** The version that `latest` or `v1.30` names; undefined for any other text. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return Infinity;
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(text)?.[1];
  return minor === undefined || Number(minor) > Number.MAX_SAFE_INTEGER ? undefined : Number(minor);
}

/** Negative when `a` is more lenient than `b`, positive when it is stricter. */
export function compareLevels(a: Level, b: Level): number {
  return LEVELS.indexOf(a) - LEVELS.indexOf(b);
}

/** Whether two mean the same. */
export function sameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}
