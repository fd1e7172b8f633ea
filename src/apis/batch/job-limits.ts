/** The limits of what a Job may ask for. */

/** Pods of an Indexed Job at the same time; it bounds the length of `status.completedIndexes`. */
export const INDEXED_PARALLELISM_MAX = 100_000;
/** `maxFailedIndexes` of an Indexed Job; it bounds the length of `status.failedIndexes`. */
export const FAILED_INDEXES_MAX = 100_000;
/** Above so many completions, the two limits that follow hold where failures are limited per index. */
export const COMPLETIONS_SOFT_LIMIT = 100_000;
/** Pods at the same time above the soft limit of completions. */
export const PARALLELISM_MAX_ABOVE_SOFT_LIMIT = 10_000;
/** `maxFailedIndexes` above the soft limit of completions. */
export const FAILED_INDEXES_MAX_ABOVE_SOFT_LIMIT = 10_000;
/** Rules of a pod failure policy. */
export const FAILURE_RULES_MAX = 20;
/** Exit codes of one rule. */
export const EXIT_CODES_MAX = 255;
/** Pod conditions of one rule. */
export const POD_CONDITIONS_MAX = 20;
/** Rules of a success policy. */
export const SUCCESS_RULES_MAX = 20;
/** Bytes of `succeededIndexes` of one rule. */
export const SUCCEEDED_INDEXES_BYTES_MAX = 64 * 1024;
/** Bytes of `managedBy`. */
export const MANAGED_BY_BYTES_MAX = 63;
