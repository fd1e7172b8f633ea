/** The labels and annotations by which the node agent finds its own pods in a runtime again (upstream's names). */

/** Name of the pod. */
export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
/** Namespace of the pod. */
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
/** UID of the pod. */
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';
/** Name of the container. */
export const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';
/** How often the container has been started again. */
export const RESTART_COUNT_ANNOTATION = 'io.kubernetes.container.restartCount';
/** The image as the pod asked for it when the container was made. */
export const IMAGE_ANNOTATION = 'longshore.dev/image';
/** Where the container leaves its last words, inside. */
export const TERMINATION_PATH_ANNOTATION = 'io.kubernetes.container.terminationMessagePath';
/** Devices that the container was given, as JSON by resource. */
export const DEVICES_ANNOTATION = 'longshore.dev/devices';
/** What to do when it leaves none: `File` or `FallbackToLogsOnError`. */
export const TERMINATION_POLICY_ANNOTATION = 'io.kubernetes.container.terminationMessagePolicy';
