/**
 * Types that Kubernetes 1.36 serves no more but still knows: a body of such a type is told that its version is not the one
 * expected, and not that there is no such kind.
 */
export const FORMER_TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['authentication.k8s.io/v1alpha1', ['SelfSubjectReview']],
  ['authentication.k8s.io/v1beta1', ['SelfSubjectReview', 'TokenReview']],
  [
    'authorization.k8s.io/v1beta1',
    ['LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  ],
  ['batch/v1beta1', ['CronJob']],
  ['certificates.k8s.io/v1beta1', ['CertificateSigningRequest']],
  ['coordination.k8s.io/v1beta1', ['Lease']],
  ['discovery.k8s.io/v1beta1', ['EndpointSlice']],
  ['events.k8s.io/v1beta1', ['Event']],
  ['node.k8s.io/v1alpha1', ['RuntimeClass']],
  ['node.k8s.io/v1beta1', ['RuntimeClass']],
  ['policy/v1beta1', ['PodDisruptionBudget']],
  ['rbac.authorization.k8s.io/v1alpha1', ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']],
  ['rbac.authorization.k8s.io/v1beta1', ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']],
  ['scheduling.k8s.io/v1beta1', ['PriorityClass']],
  ['storage.k8s.io/v1beta1', ['StorageClass']],
]);
