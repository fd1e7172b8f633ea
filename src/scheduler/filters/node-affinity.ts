/** nodeSelector and required node affinity. Upstream: plugins/nodeaffinity. */
import { type Filter, final } from './filter.ts';

const NO_MATCH = final("node(s) didn't match Pod's node affinity/selector");
const NOT_NAMED = final("node(s) didn't satisfy plugin(s) [NodeAffinity]");

/** Turns down nodes that the pod does not select. */
export const nodeAffinity: Filter = ({ nodeMatch, nodeNames }) => {
  if (nodeMatch === undefined) return undefined;
  if (nodeNames?.size === 0) return 'pod affinity terms conflict';
  return (state) => {
    if (nodeNames !== undefined && !nodeNames.has(state.name)) return NOT_NAMED;
    return nodeMatch(state.labels, state.name) ? undefined : NO_MATCH;
  };
};
