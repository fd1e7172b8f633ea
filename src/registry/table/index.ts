/**
 * Columns and cells that the tables of several kinds share, printed as Kubernetes' server prints them.
 *
 * It knows no kind; each kind's own columns stand beside its strategy.
 */
export { ageColumn, nameColumn, since, templateColumns, text } from './columns.ts';
export { humanDuration } from './human-duration.ts';
