/** Looks conditions up in a status. Upstream: apimachinery/pkg/api/meta/conditions.go. */

/** What the conditions of every kind have. */
interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
}

/** The condition of that type; undefined where the status has none, or has no conditions at all. */
export function findCondition<Kind extends Condition>(
  conditions: readonly Kind[] | undefined,
  type: string,
): Kind | undefined {
  return conditions?.find((each) => each.type === type);
}

/** The condition of that type if it is True. */
export function findTrueCondition<Kind extends Condition>(
  conditions: readonly Kind[] | undefined,
  type: string,
): Kind | undefined {
  return conditions?.find((each) => each.type === type && each.status === 'True');
}

/** Whether there is a condition of that type, and it is True. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findTrueCondition(conditions, type) !== undefined;
}
