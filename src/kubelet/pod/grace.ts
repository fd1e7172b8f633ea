/** Least time in seconds that a container gets to end by itself once it is told to, also when none was granted. */
export const GRACE_SECONDS_MIN = 2;
