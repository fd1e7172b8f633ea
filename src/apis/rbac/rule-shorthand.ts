/** How the tables of default rules are written down. */
import type { PolicyRule } from './types.ts';

/** The verbs of somebody who looks. */
export const READ = 'get list watch';
/** The verbs of somebody who changes. */
export const WRITE = 'create delete deletecollection patch update';
/** The verbs of somebody who does both. */
export const READ_WRITE = 'create delete deletecollection get list patch update watch';

/** A rule whose texts are lists with spaces between; the group `core` stands for the one without a name. */
export function rule(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    ...(names === undefined ? {} : { resourceNames: names.split(' ') }),
  };
}

/** A rule about paths that are no resources; both texts are lists with spaces between. */
export function paths(verbs: string, urls: string): PolicyRule {
  return { verbs: verbs.split(' '), nonResourceURLs: urls.split(' ') };
}

/** What everybody may do who tells of events. */
export const EVENTS: PolicyRule = rule('create patch update', 'core events.k8s.io', 'events');
