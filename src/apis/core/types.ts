// Written by scripts/generate-types.ts from src/apis/openapi/definitions.json (core/v1). Do not edit.
import type { Int64 } from '../../apimachinery/exact-json.ts';
import type { Condition, LabelSelector, ListMeta, ObjectMeta } from '../../apimachinery/meta/types.ts';

/** AWSElasticBlockStoreVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AWSElasticBlockStoreVolumeSource {
  fsType?: string;
  partition?: number;
  readOnly?: boolean;
  volumeID: string;
}

/** Affinity of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Affinity {
  nodeAffinity?: NodeAffinity;
  podAffinity?: PodAffinity;
  podAntiAffinity?: PodAntiAffinity;
}

/** AppArmorProfile of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AppArmorProfile {
  localhostProfile?: string;
  type: 'Localhost' | 'RuntimeDefault' | 'Unconfined';
}

/** AttachedVolume of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AttachedVolume {
  devicePath: string;
  name: string;
}

/** AzureDiskVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AzureDiskVolumeSource {
  cachingMode?: 'None' | 'ReadOnly' | 'ReadWrite';
  diskName: string;
  diskURI: string;
  fsType?: string;
  kind?: 'Dedicated' | 'Managed' | 'Shared';
  readOnly?: boolean;
}

/** AzureFilePersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AzureFilePersistentVolumeSource {
  readOnly?: boolean;
  secretName: string;
  secretNamespace?: string;
  shareName: string;
}

/** AzureFileVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface AzureFileVolumeSource {
  readOnly?: boolean;
  secretName: string;
  shareName: string;
}

/** Binding of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Binding {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  target: ObjectReference;
}

/** CSIPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CSIPersistentVolumeSource {
  controllerExpandSecretRef?: SecretReference;
  controllerPublishSecretRef?: SecretReference;
  driver: string;
  fsType?: string;
  nodeExpandSecretRef?: SecretReference;
  nodePublishSecretRef?: SecretReference;
  nodeStageSecretRef?: SecretReference;
  readOnly?: boolean;
  volumeAttributes?: Record<string, string>;
  volumeHandle: string;
}

/** CSIVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CSIVolumeSource {
  driver: string;
  fsType?: string;
  nodePublishSecretRef?: LocalObjectReference;
  readOnly?: boolean;
  volumeAttributes?: Record<string, string>;
}

/** Capabilities of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Capabilities {
  add?: string[];
  drop?: string[];
}

/** CephFSPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CephFSPersistentVolumeSource {
  monitors: string[];
  path?: string;
  readOnly?: boolean;
  secretFile?: string;
  secretRef?: SecretReference;
  user?: string;
}

/** CephFSVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CephFSVolumeSource {
  monitors: string[];
  path?: string;
  readOnly?: boolean;
  secretFile?: string;
  secretRef?: LocalObjectReference;
  user?: string;
}

/** CinderPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CinderPersistentVolumeSource {
  fsType?: string;
  readOnly?: boolean;
  secretRef?: SecretReference;
  volumeID: string;
}

/** CinderVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface CinderVolumeSource {
  fsType?: string;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
  volumeID: string;
}

/** ClientIPConfig of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ClientIPConfig {
  timeoutSeconds?: number;
}

/** ClusterTrustBundleProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ClusterTrustBundleProjection {
  labelSelector?: LabelSelector;
  name?: string;
  optional?: boolean;
  path: string;
  signerName?: string;
}

/** ComponentCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ComponentCondition {
  error?: string;
  message?: string;
  status: string;
  type: string;
}

/** ComponentStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ComponentStatus {
  apiVersion: string;
  conditions?: ComponentCondition[];
  kind: string;
  metadata: ObjectMeta;
}

/** ComponentStatusList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ComponentStatusList {
  apiVersion: string;
  items: ComponentStatus[];
  kind: string;
  metadata: ListMeta;
}

/** ConfigMap of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMap {
  apiVersion: string;
  binaryData?: Record<string, string>;
  data?: Record<string, string>;
  immutable?: boolean;
  kind: string;
  metadata: ObjectMeta;
}

/** ConfigMapEnvSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapEnvSource {
  name?: string;
  optional?: boolean;
}

/** ConfigMapKeySelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapKeySelector {
  key: string;
  name?: string;
  optional?: boolean;
}

/** ConfigMapList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapList {
  apiVersion: string;
  items: ConfigMap[];
  kind: string;
  metadata: ListMeta;
}

/** ConfigMapNodeConfigSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapNodeConfigSource {
  kubeletConfigKey: string;
  name: string;
  namespace: string;
  resourceVersion?: string;
  uid?: string;
}

/** ConfigMapProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapProjection {
  items?: KeyToPath[];
  name?: string;
  optional?: boolean;
}

/** ConfigMapVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ConfigMapVolumeSource {
  defaultMode?: number;
  items?: KeyToPath[];
  name?: string;
  optional?: boolean;
}

/** Container of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Container {
  args?: string[];
  command?: string[];
  env?: EnvVar[];
  envFrom?: EnvFromSource[];
  image?: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  lifecycle?: Lifecycle;
  livenessProbe?: Probe;
  name: string;
  ports?: ContainerPort[];
  readinessProbe?: Probe;
  resizePolicy?: ContainerResizePolicy[];
  resources?: ResourceRequirements;
  restartPolicy?: string;
  restartPolicyRules?: ContainerRestartRule[];
  securityContext?: SecurityContext;
  startupProbe?: Probe;
  stdin?: boolean;
  stdinOnce?: boolean;
  terminationMessagePath?: string;
  terminationMessagePolicy?: 'FallbackToLogsOnError' | 'File';
  tty?: boolean;
  volumeDevices?: VolumeDevice[];
  volumeMounts?: VolumeMount[];
  workingDir?: string;
}

/** ContainerExtendedResourceRequest of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerExtendedResourceRequest {
  containerName: string;
  requestName: string;
  resourceName: string;
}

/** ContainerImage of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerImage {
  names?: string[];
  sizeBytes?: Int64;
}

/** ContainerPort of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerPort {
  containerPort: number;
  hostIP?: string;
  hostPort?: number;
  name?: string;
  protocol?: 'SCTP' | 'TCP' | 'UDP';
}

/** ContainerResizePolicy of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerResizePolicy {
  resourceName: string;
  restartPolicy: string;
}

/** ContainerRestartRule of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerRestartRule {
  action: string;
  exitCodes?: ContainerRestartRuleOnExitCodes;
}

/** ContainerRestartRuleOnExitCodes of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerRestartRuleOnExitCodes {
  operator: string;
  values?: number[];
}

/** ContainerState of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerState {
  running?: ContainerStateRunning;
  terminated?: ContainerStateTerminated;
  waiting?: ContainerStateWaiting;
}

/** ContainerStateRunning of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerStateRunning {
  startedAt?: string;
}

/** ContainerStateTerminated of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerStateTerminated {
  containerID?: string;
  exitCode: number;
  finishedAt?: string;
  message?: string;
  reason?: string;
  signal?: number;
  startedAt?: string;
}

/** ContainerStateWaiting of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerStateWaiting {
  message?: string;
  reason?: string;
}

/** ContainerStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerStatus {
  allocatedResources?: Record<string, string>;
  allocatedResourcesStatus?: ResourceStatus[];
  containerID?: string;
  image: string;
  imageID: string;
  lastState?: ContainerState;
  name: string;
  ready: boolean;
  resources?: ResourceRequirements;
  restartCount: number;
  started?: boolean;
  state?: ContainerState;
  stopSignal?: 'SIGABRT' | 'SIGALRM' | 'SIGBUS' | 'SIGCHLD' | 'SIGCLD' | 'SIGCONT' | 'SIGFPE' | 'SIGHUP' | 'SIGILL' | 'SIGINT' | 'SIGIO' | 'SIGIOT' | 'SIGKILL' | 'SIGPIPE' | 'SIGPOLL' | 'SIGPROF' | 'SIGPWR' | 'SIGQUIT' | 'SIGRTMAX' | 'SIGRTMAX-1' | 'SIGRTMAX-10' | 'SIGRTMAX-11' | 'SIGRTMAX-12' | 'SIGRTMAX-13' | 'SIGRTMAX-14' | 'SIGRTMAX-2' | 'SIGRTMAX-3' | 'SIGRTMAX-4' | 'SIGRTMAX-5' | 'SIGRTMAX-6' | 'SIGRTMAX-7' | 'SIGRTMAX-8' | 'SIGRTMAX-9' | 'SIGRTMIN' | 'SIGRTMIN+1' | 'SIGRTMIN+10' | 'SIGRTMIN+11' | 'SIGRTMIN+12' | 'SIGRTMIN+13' | 'SIGRTMIN+14' | 'SIGRTMIN+15' | 'SIGRTMIN+2' | 'SIGRTMIN+3' | 'SIGRTMIN+4' | 'SIGRTMIN+5' | 'SIGRTMIN+6' | 'SIGRTMIN+7' | 'SIGRTMIN+8' | 'SIGRTMIN+9' | 'SIGSEGV' | 'SIGSTKFLT' | 'SIGSTOP' | 'SIGSYS' | 'SIGTERM' | 'SIGTRAP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGURG' | 'SIGUSR1' | 'SIGUSR2' | 'SIGVTALRM' | 'SIGWINCH' | 'SIGXCPU' | 'SIGXFSZ';
  user?: ContainerUser;
  volumeMounts?: VolumeMountStatus[];
}

/** ContainerUser of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ContainerUser {
  linux?: LinuxContainerUser;
}

/** DaemonEndpoint of core/v1, as the Kubernetes 1.36 API defines it. */
export interface DaemonEndpoint {
  Port: number;
}

/** DownwardAPIProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface DownwardAPIProjection {
  items?: DownwardAPIVolumeFile[];
}

/** DownwardAPIVolumeFile of core/v1, as the Kubernetes 1.36 API defines it. */
export interface DownwardAPIVolumeFile {
  fieldRef?: ObjectFieldSelector;
  mode?: number;
  path: string;
  resourceFieldRef?: ResourceFieldSelector;
}

/** DownwardAPIVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface DownwardAPIVolumeSource {
  defaultMode?: number;
  items?: DownwardAPIVolumeFile[];
}

/** EmptyDirVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EmptyDirVolumeSource {
  medium?: string;
  sizeLimit?: string;
}

/** EndpointAddress of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointAddress {
  hostname?: string;
  ip: string;
  nodeName?: string;
  targetRef?: ObjectReference;
}

/** EndpointPort of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointPort {
  appProtocol?: string;
  name?: string;
  port: number;
  protocol?: 'SCTP' | 'TCP' | 'UDP';
}

/** EndpointSubset of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointSubset {
  addresses?: EndpointAddress[];
  notReadyAddresses?: EndpointAddress[];
  ports?: EndpointPort[];
}

/** Endpoints of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Endpoints {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  subsets?: EndpointSubset[];
}

/** EndpointsList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EndpointsList {
  apiVersion: string;
  items: Endpoints[];
  kind: string;
  metadata: ListMeta;
}

/** EnvFromSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EnvFromSource {
  configMapRef?: ConfigMapEnvSource;
  prefix?: string;
  secretRef?: SecretEnvSource;
}

/** EnvVar of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: EnvVarSource;
}

/** EnvVarSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EnvVarSource {
  configMapKeyRef?: ConfigMapKeySelector;
  fieldRef?: ObjectFieldSelector;
  fileKeyRef?: FileKeySelector;
  resourceFieldRef?: ResourceFieldSelector;
  secretKeyRef?: SecretKeySelector;
}

/** EphemeralContainer of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EphemeralContainer {
  args?: string[];
  command?: string[];
  env?: EnvVar[];
  envFrom?: EnvFromSource[];
  image?: string;
  imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  lifecycle?: Lifecycle;
  livenessProbe?: Probe;
  name: string;
  ports?: ContainerPort[];
  readinessProbe?: Probe;
  resizePolicy?: ContainerResizePolicy[];
  resources?: ResourceRequirements;
  restartPolicy?: string;
  restartPolicyRules?: ContainerRestartRule[];
  securityContext?: SecurityContext;
  startupProbe?: Probe;
  stdin?: boolean;
  stdinOnce?: boolean;
  targetContainerName?: string;
  terminationMessagePath?: string;
  terminationMessagePolicy?: 'FallbackToLogsOnError' | 'File';
  tty?: boolean;
  volumeDevices?: VolumeDevice[];
  volumeMounts?: VolumeMount[];
  workingDir?: string;
}

/** EphemeralVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EphemeralVolumeSource {
  volumeClaimTemplate?: PersistentVolumeClaimTemplate;
}

/** Event of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Event {
  action?: string;
  apiVersion: string;
  count?: number;
  eventTime?: string;
  firstTimestamp?: string;
  involvedObject: ObjectReference;
  kind: string;
  lastTimestamp?: string;
  message?: string;
  metadata: ObjectMeta;
  reason?: string;
  related?: ObjectReference;
  reportingComponent?: string;
  reportingInstance?: string;
  series?: EventSeries;
  source?: EventSource;
  type?: string;
}

/** EventList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EventList {
  apiVersion: string;
  items: Event[];
  kind: string;
  metadata: ListMeta;
}

/** EventSeries of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EventSeries {
  count?: number;
  lastObservedTime?: string;
}

/** EventSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface EventSource {
  component?: string;
  host?: string;
}

/** ExecAction of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ExecAction {
  command?: string[];
}

/** FCVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface FCVolumeSource {
  fsType?: string;
  lun?: number;
  readOnly?: boolean;
  targetWWNs?: string[];
  wwids?: string[];
}

/** FileKeySelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface FileKeySelector {
  key: string;
  optional?: boolean;
  path: string;
  volumeName: string;
}

/** FlexPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface FlexPersistentVolumeSource {
  driver: string;
  fsType?: string;
  options?: Record<string, string>;
  readOnly?: boolean;
  secretRef?: SecretReference;
}

/** FlexVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface FlexVolumeSource {
  driver: string;
  fsType?: string;
  options?: Record<string, string>;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
}

/** FlockerVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface FlockerVolumeSource {
  datasetName?: string;
  datasetUUID?: string;
}

/** GCEPersistentDiskVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface GCEPersistentDiskVolumeSource {
  fsType?: string;
  partition?: number;
  pdName: string;
  readOnly?: boolean;
}

/** GRPCAction of core/v1, as the Kubernetes 1.36 API defines it. */
export interface GRPCAction {
  port: number;
  service?: string;
}

/** GitRepoVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface GitRepoVolumeSource {
  directory?: string;
  repository: string;
  revision?: string;
}

/** GlusterfsPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface GlusterfsPersistentVolumeSource {
  endpoints: string;
  endpointsNamespace?: string;
  path: string;
  readOnly?: boolean;
}

/** GlusterfsVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface GlusterfsVolumeSource {
  endpoints: string;
  path: string;
  readOnly?: boolean;
}

/** HTTPGetAction of core/v1, as the Kubernetes 1.36 API defines it. */
export interface HTTPGetAction {
  host?: string;
  httpHeaders?: HTTPHeader[];
  path?: string;
  port: number | string;
  scheme?: 'HTTP' | 'HTTPS';
}

/** HTTPHeader of core/v1, as the Kubernetes 1.36 API defines it. */
export interface HTTPHeader {
  name: string;
  value: string;
}

/** HostAlias of core/v1, as the Kubernetes 1.36 API defines it. */
export interface HostAlias {
  hostnames?: string[];
  ip: string;
}

/** HostIP of core/v1, as the Kubernetes 1.36 API defines it. */
export interface HostIP {
  ip: string;
}

/** HostPathVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface HostPathVolumeSource {
  path: string;
  type?: '' | 'BlockDevice' | 'CharDevice' | 'Directory' | 'DirectoryOrCreate' | 'File' | 'FileOrCreate' | 'Socket';
}

/** ISCSIPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ISCSIPersistentVolumeSource {
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  fsType?: string;
  initiatorName?: string;
  iqn: string;
  iscsiInterface?: string;
  lun: number;
  portals?: string[];
  readOnly?: boolean;
  secretRef?: SecretReference;
  targetPortal: string;
}

/** ISCSIVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ISCSIVolumeSource {
  chapAuthDiscovery?: boolean;
  chapAuthSession?: boolean;
  fsType?: string;
  initiatorName?: string;
  iqn: string;
  iscsiInterface?: string;
  lun: number;
  portals?: string[];
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
  targetPortal: string;
}

/** ImageVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ImageVolumeSource {
  pullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  reference?: string;
}

/** ImageVolumeStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ImageVolumeStatus {
  imageRef: string;
}

/** KeyToPath of core/v1, as the Kubernetes 1.36 API defines it. */
export interface KeyToPath {
  key: string;
  mode?: number;
  path: string;
}

/** Lifecycle of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Lifecycle {
  postStart?: LifecycleHandler;
  preStop?: LifecycleHandler;
  stopSignal?: 'SIGABRT' | 'SIGALRM' | 'SIGBUS' | 'SIGCHLD' | 'SIGCLD' | 'SIGCONT' | 'SIGFPE' | 'SIGHUP' | 'SIGILL' | 'SIGINT' | 'SIGIO' | 'SIGIOT' | 'SIGKILL' | 'SIGPIPE' | 'SIGPOLL' | 'SIGPROF' | 'SIGPWR' | 'SIGQUIT' | 'SIGRTMAX' | 'SIGRTMAX-1' | 'SIGRTMAX-10' | 'SIGRTMAX-11' | 'SIGRTMAX-12' | 'SIGRTMAX-13' | 'SIGRTMAX-14' | 'SIGRTMAX-2' | 'SIGRTMAX-3' | 'SIGRTMAX-4' | 'SIGRTMAX-5' | 'SIGRTMAX-6' | 'SIGRTMAX-7' | 'SIGRTMAX-8' | 'SIGRTMAX-9' | 'SIGRTMIN' | 'SIGRTMIN+1' | 'SIGRTMIN+10' | 'SIGRTMIN+11' | 'SIGRTMIN+12' | 'SIGRTMIN+13' | 'SIGRTMIN+14' | 'SIGRTMIN+15' | 'SIGRTMIN+2' | 'SIGRTMIN+3' | 'SIGRTMIN+4' | 'SIGRTMIN+5' | 'SIGRTMIN+6' | 'SIGRTMIN+7' | 'SIGRTMIN+8' | 'SIGRTMIN+9' | 'SIGSEGV' | 'SIGSTKFLT' | 'SIGSTOP' | 'SIGSYS' | 'SIGTERM' | 'SIGTRAP' | 'SIGTSTP' | 'SIGTTIN' | 'SIGTTOU' | 'SIGURG' | 'SIGUSR1' | 'SIGUSR2' | 'SIGVTALRM' | 'SIGWINCH' | 'SIGXCPU' | 'SIGXFSZ';
}

/** LifecycleHandler of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LifecycleHandler {
  exec?: ExecAction;
  httpGet?: HTTPGetAction;
  sleep?: SleepAction;
  tcpSocket?: TCPSocketAction;
}

/** LimitRange of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LimitRange {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: LimitRangeSpec;
}

/** LimitRangeItem of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LimitRangeItem {
  default?: Record<string, string>;
  defaultRequest?: Record<string, string>;
  max?: Record<string, string>;
  maxLimitRequestRatio?: Record<string, string>;
  min?: Record<string, string>;
  type: string;
}

/** LimitRangeList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LimitRangeList {
  apiVersion: string;
  items: LimitRange[];
  kind: string;
  metadata: ListMeta;
}

/** LimitRangeSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LimitRangeSpec {
  limits: LimitRangeItem[];
}

/** LinuxContainerUser of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LinuxContainerUser {
  gid: Int64;
  supplementalGroups?: Int64[];
  uid: Int64;
}

/** LoadBalancerIngress of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LoadBalancerIngress {
  hostname?: string;
  ip?: string;
  ipMode?: string;
  ports?: PortStatus[];
}

/** LoadBalancerStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LoadBalancerStatus {
  ingress?: LoadBalancerIngress[];
}

/** LocalObjectReference of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LocalObjectReference {
  name?: string;
}

/** LocalVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface LocalVolumeSource {
  fsType?: string;
  path: string;
}

/** ModifyVolumeStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ModifyVolumeStatus {
  status: 'InProgress' | 'Infeasible' | 'Pending';
  targetVolumeAttributesClassName?: string;
}

/** NFSVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NFSVolumeSource {
  path: string;
  readOnly?: boolean;
  server: string;
}

/** Namespace of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Namespace {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: NamespaceSpec;
  status: NamespaceStatus;
}

/** NamespaceCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NamespaceCondition {
  lastTransitionTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** NamespaceList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NamespaceList {
  apiVersion: string;
  items: Namespace[];
  kind: string;
  metadata: ListMeta;
}

/** NamespaceSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NamespaceSpec {
  finalizers?: string[];
}

/** NamespaceStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NamespaceStatus {
  conditions?: NamespaceCondition[];
  phase?: 'Active' | 'Terminating';
}

/** Node of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Node {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: NodeSpec;
  status: NodeStatus;
}

/** NodeAddress of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeAddress {
  address: string;
  type: string;
}

/** NodeAffinity of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeAffinity {
  preferredDuringSchedulingIgnoredDuringExecution?: PreferredSchedulingTerm[];
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector;
}

/** NodeAllocatableResourceClaimStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeAllocatableResourceClaimStatus {
  containers?: string[];
  resourceClaimName: string;
  resources: Record<string, string>;
}

/** NodeCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeCondition {
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** NodeConfigSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeConfigSource {
  configMap?: ConfigMapNodeConfigSource;
}

/** NodeConfigStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeConfigStatus {
  active?: NodeConfigSource;
  assigned?: NodeConfigSource;
  error?: string;
  lastKnownGood?: NodeConfigSource;
}

/** NodeDaemonEndpoints of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeDaemonEndpoints {
  kubeletEndpoint?: DaemonEndpoint;
}

/** NodeFeatures of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeFeatures {
  supplementalGroupsPolicy?: boolean;
}

/** NodeList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeList {
  apiVersion: string;
  items: Node[];
  kind: string;
  metadata: ListMeta;
}

/** NodeRuntimeHandler of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeRuntimeHandler {
  features?: NodeRuntimeHandlerFeatures;
  name?: string;
}

/** NodeRuntimeHandlerFeatures of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeRuntimeHandlerFeatures {
  recursiveReadOnlyMounts?: boolean;
  userNamespaces?: boolean;
}

/** NodeSelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSelector {
  nodeSelectorTerms: NodeSelectorTerm[];
}

/** NodeSelectorRequirement of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSelectorRequirement {
  key: string;
  operator: 'DoesNotExist' | 'Exists' | 'Gt' | 'In' | 'Lt' | 'NotIn';
  values?: string[];
}

/** NodeSelectorTerm of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSelectorTerm {
  matchExpressions?: NodeSelectorRequirement[];
  matchFields?: NodeSelectorRequirement[];
}

/** NodeSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSpec {
  configSource?: NodeConfigSource;
  externalID?: string;
  podCIDR?: string;
  podCIDRs?: string[];
  providerID?: string;
  taints?: Taint[];
  unschedulable?: boolean;
}

/** NodeStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeStatus {
  addresses?: NodeAddress[];
  allocatable?: Record<string, string>;
  capacity?: Record<string, string>;
  conditions?: NodeCondition[];
  config?: NodeConfigStatus;
  daemonEndpoints?: NodeDaemonEndpoints;
  declaredFeatures?: string[];
  features?: NodeFeatures;
  images?: ContainerImage[];
  nodeInfo?: NodeSystemInfo;
  phase?: 'Pending' | 'Running' | 'Terminated';
  runtimeHandlers?: NodeRuntimeHandler[];
  volumesAttached?: AttachedVolume[];
  volumesInUse?: string[];
}

/** NodeSwapStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSwapStatus {
  capacity?: Int64;
}

/** NodeSystemInfo of core/v1, as the Kubernetes 1.36 API defines it. */
export interface NodeSystemInfo {
  architecture: string;
  bootID: string;
  containerRuntimeVersion: string;
  kernelVersion: string;
  kubeProxyVersion: string;
  kubeletVersion: string;
  machineID: string;
  operatingSystem: string;
  osImage: string;
  swap?: NodeSwapStatus;
  systemUUID: string;
}

/** ObjectFieldSelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ObjectFieldSelector {
  apiVersion?: string;
  fieldPath: string;
}

/** ObjectReference of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ObjectReference {
  apiVersion?: string;
  fieldPath?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  resourceVersion?: string;
  uid?: string;
}

/** PersistentVolume of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolume {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: PersistentVolumeSpec;
  status: PersistentVolumeStatus;
}

/** PersistentVolumeClaim of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaim {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: PersistentVolumeClaimSpec;
  status: PersistentVolumeClaimStatus;
}

/** PersistentVolumeClaimCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimCondition {
  lastProbeTime?: string;
  lastTransitionTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** PersistentVolumeClaimList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimList {
  apiVersion: string;
  items: PersistentVolumeClaim[];
  kind: string;
  metadata: ListMeta;
}

/** PersistentVolumeClaimSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimSpec {
  accessModes?: ('ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOnce' | 'ReadWriteOncePod')[];
  dataSource?: TypedLocalObjectReference;
  dataSourceRef?: TypedObjectReference;
  resources?: VolumeResourceRequirements;
  selector?: LabelSelector;
  storageClassName?: string;
  volumeAttributesClassName?: string;
  volumeMode?: 'Block' | 'Filesystem';
  volumeName?: string;
}

/** PersistentVolumeClaimStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimStatus {
  accessModes?: ('ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOnce' | 'ReadWriteOncePod')[];
  allocatedResourceStatuses?: Record<string, 'ControllerResizeInProgress' | 'ControllerResizeInfeasible' | 'NodeResizeInProgress' | 'NodeResizeInfeasible' | 'NodeResizePending'>;
  allocatedResources?: Record<string, string>;
  capacity?: Record<string, string>;
  conditions?: PersistentVolumeClaimCondition[];
  currentVolumeAttributesClassName?: string;
  modifyVolumeStatus?: ModifyVolumeStatus;
  phase?: 'Bound' | 'Lost' | 'Pending';
}

/** PersistentVolumeClaimTemplate of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: PersistentVolumeClaimSpec;
}

/** PersistentVolumeClaimVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeClaimVolumeSource {
  claimName: string;
  readOnly?: boolean;
}

/** PersistentVolumeList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeList {
  apiVersion: string;
  items: PersistentVolume[];
  kind: string;
  metadata: ListMeta;
}

/** PersistentVolumeSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeSpec {
  accessModes?: ('ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOnce' | 'ReadWriteOncePod')[];
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  azureFile?: AzureFilePersistentVolumeSource;
  capacity?: Record<string, string>;
  cephfs?: CephFSPersistentVolumeSource;
  cinder?: CinderPersistentVolumeSource;
  claimRef?: ObjectReference;
  csi?: CSIPersistentVolumeSource;
  fc?: FCVolumeSource;
  flexVolume?: FlexPersistentVolumeSource;
  flocker?: FlockerVolumeSource;
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  glusterfs?: GlusterfsPersistentVolumeSource;
  hostPath?: HostPathVolumeSource;
  iscsi?: ISCSIPersistentVolumeSource;
  local?: LocalVolumeSource;
  mountOptions?: string[];
  nfs?: NFSVolumeSource;
  nodeAffinity?: VolumeNodeAffinity;
  persistentVolumeReclaimPolicy?: 'Delete' | 'Recycle' | 'Retain';
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  quobyte?: QuobyteVolumeSource;
  rbd?: RBDPersistentVolumeSource;
  scaleIO?: ScaleIOPersistentVolumeSource;
  storageClassName?: string;
  storageos?: StorageOSPersistentVolumeSource;
  volumeAttributesClassName?: string;
  volumeMode?: 'Block' | 'Filesystem';
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
}

/** PersistentVolumeStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PersistentVolumeStatus {
  lastPhaseTransitionTime?: string;
  message?: string;
  phase?: 'Available' | 'Bound' | 'Failed' | 'Pending' | 'Released';
  reason?: string;
}

/** PhotonPersistentDiskVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PhotonPersistentDiskVolumeSource {
  fsType?: string;
  pdID: string;
}

/** Pod of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Pod {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: PodSpec;
  status: PodStatus;
}

/** PodAffinity of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodAffinity {
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
}

/** PodAffinityTerm of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
  namespaceSelector?: LabelSelector;
  namespaces?: string[];
  topologyKey: string;
}

/** PodAntiAffinity of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodAntiAffinity {
  preferredDuringSchedulingIgnoredDuringExecution?: WeightedPodAffinityTerm[];
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
}

/** PodCertificateProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodCertificateProjection {
  certificateChainPath?: string;
  credentialBundlePath?: string;
  keyPath?: string;
  keyType: string;
  maxExpirationSeconds?: number;
  signerName: string;
  userAnnotations?: Record<string, string>;
}

/** PodCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodCondition {
  lastProbeTime?: string;
  lastTransitionTime?: string;
  message?: string;
  observedGeneration?: Int64;
  reason?: string;
  status: string;
  type: string;
}

/** PodDNSConfig of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDNSConfig {
  nameservers?: string[];
  options?: PodDNSConfigOption[];
  searches?: string[];
}

/** PodDNSConfigOption of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodDNSConfigOption {
  name?: string;
  value?: string;
}

/** PodExtendedResourceClaimStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodExtendedResourceClaimStatus {
  requestMappings: ContainerExtendedResourceRequest[];
  resourceClaimName: string;
}

/** PodIP of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodIP {
  ip: string;
}

/** PodList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodList {
  apiVersion: string;
  items: Pod[];
  kind: string;
  metadata: ListMeta;
}

/** PodOS of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodOS {
  name: string;
}

/** PodReadinessGate of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodReadinessGate {
  conditionType: string;
}

/** PodResourceClaim of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodResourceClaim {
  name: string;
  resourceClaimName?: string;
  resourceClaimTemplateName?: string;
}

/** PodResourceClaimStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodResourceClaimStatus {
  name: string;
  resourceClaimName?: string;
}

/** PodSchedulingGate of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodSchedulingGate {
  name: string;
}

/** PodSchedulingGroup of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodSchedulingGroup {
  podGroupName?: string;
}

/** PodSecurityContext of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodSecurityContext {
  appArmorProfile?: AppArmorProfile;
  fsGroup?: Int64;
  fsGroupChangePolicy?: 'Always' | 'OnRootMismatch';
  runAsGroup?: Int64;
  runAsNonRoot?: boolean;
  runAsUser?: Int64;
  seLinuxChangePolicy?: string;
  seLinuxOptions?: SELinuxOptions;
  seccompProfile?: SeccompProfile;
  supplementalGroups?: Int64[];
  supplementalGroupsPolicy?: 'Merge' | 'Strict';
  sysctls?: Sysctl[];
  windowsOptions?: WindowsSecurityContextOptions;
}

/** PodSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodSpec {
  activeDeadlineSeconds?: Int64;
  affinity?: Affinity;
  automountServiceAccountToken?: boolean;
  containers: Container[];
  dnsConfig?: PodDNSConfig;
  dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';
  enableServiceLinks?: boolean;
  ephemeralContainers?: EphemeralContainer[];
  hostAliases?: HostAlias[];
  hostIPC?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostUsers?: boolean;
  hostname?: string;
  hostnameOverride?: string;
  imagePullSecrets?: LocalObjectReference[];
  initContainers?: Container[];
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  os?: PodOS;
  overhead?: Record<string, string>;
  preemptionPolicy?: 'Never' | 'PreemptLowerPriority';
  priority?: number;
  priorityClassName?: string;
  readinessGates?: PodReadinessGate[];
  resourceClaims?: PodResourceClaim[];
  resources?: ResourceRequirements;
  restartPolicy?: 'Always' | 'Never' | 'OnFailure';
  runtimeClassName?: string;
  schedulerName?: string;
  schedulingGates?: PodSchedulingGate[];
  schedulingGroup?: PodSchedulingGroup;
  securityContext?: PodSecurityContext;
  serviceAccount?: string;
  serviceAccountName?: string;
  setHostnameAsFQDN?: boolean;
  shareProcessNamespace?: boolean;
  subdomain?: string;
  terminationGracePeriodSeconds?: Int64;
  tolerations?: Toleration[];
  topologySpreadConstraints?: TopologySpreadConstraint[];
  volumes?: Volume[];
}

/** PodStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodStatus {
  allocatedResources?: Record<string, string>;
  conditions?: PodCondition[];
  containerStatuses?: ContainerStatus[];
  ephemeralContainerStatuses?: ContainerStatus[];
  extendedResourceClaimStatus?: PodExtendedResourceClaimStatus;
  hostIP?: string;
  hostIPs?: HostIP[];
  initContainerStatuses?: ContainerStatus[];
  message?: string;
  nodeAllocatableResourceClaimStatuses?: NodeAllocatableResourceClaimStatus[];
  nominatedNodeName?: string;
  observedGeneration?: Int64;
  phase?: 'Failed' | 'Pending' | 'Running' | 'Succeeded' | 'Unknown';
  podIP?: string;
  podIPs?: PodIP[];
  qosClass?: 'BestEffort' | 'Burstable' | 'Guaranteed';
  reason?: string;
  resize?: string;
  resourceClaimStatuses?: PodResourceClaimStatus[];
  resources?: ResourceRequirements;
  startTime?: string;
}

/** PodTemplate of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodTemplate {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  template?: PodTemplateSpec;
}

/** PodTemplateList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodTemplateList {
  apiVersion: string;
  items: PodTemplate[];
  kind: string;
  metadata: ListMeta;
}

/** PodTemplateSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PodTemplateSpec {
  metadata?: Partial<ObjectMeta>;
  spec?: PodSpec;
}

/** PortStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PortStatus {
  error?: string;
  port: number;
  protocol: 'SCTP' | 'TCP' | 'UDP';
}

/** PortworxVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PortworxVolumeSource {
  fsType?: string;
  readOnly?: boolean;
  volumeID: string;
}

/** PreferredSchedulingTerm of core/v1, as the Kubernetes 1.36 API defines it. */
export interface PreferredSchedulingTerm {
  preference: NodeSelectorTerm;
  weight: number;
}

/** Probe of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Probe {
  exec?: ExecAction;
  failureThreshold?: number;
  grpc?: GRPCAction;
  httpGet?: HTTPGetAction;
  initialDelaySeconds?: number;
  periodSeconds?: number;
  successThreshold?: number;
  tcpSocket?: TCPSocketAction;
  terminationGracePeriodSeconds?: Int64;
  timeoutSeconds?: number;
}

/** ProjectedVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ProjectedVolumeSource {
  defaultMode?: number;
  sources?: VolumeProjection[];
}

/** QuobyteVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface QuobyteVolumeSource {
  group?: string;
  readOnly?: boolean;
  registry: string;
  tenant?: string;
  user?: string;
  volume: string;
}

/** RBDPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface RBDPersistentVolumeSource {
  fsType?: string;
  image: string;
  keyring?: string;
  monitors: string[];
  pool?: string;
  readOnly?: boolean;
  secretRef?: SecretReference;
  user?: string;
}

/** RBDVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface RBDVolumeSource {
  fsType?: string;
  image: string;
  keyring?: string;
  monitors: string[];
  pool?: string;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
  user?: string;
}

/** ReplicationController of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ReplicationController {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ReplicationControllerSpec;
  status: ReplicationControllerStatus;
}

/** ReplicationControllerCondition of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ReplicationControllerCondition {
  lastTransitionTime?: string;
  message?: string;
  reason?: string;
  status: string;
  type: string;
}

/** ReplicationControllerList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ReplicationControllerList {
  apiVersion: string;
  items: ReplicationController[];
  kind: string;
  metadata: ListMeta;
}

/** ReplicationControllerSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ReplicationControllerSpec {
  minReadySeconds?: number;
  replicas?: number;
  selector?: Record<string, string>;
  template?: PodTemplateSpec;
}

/** ReplicationControllerStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ReplicationControllerStatus {
  availableReplicas?: number;
  conditions?: ReplicationControllerCondition[];
  fullyLabeledReplicas?: number;
  observedGeneration?: Int64;
  readyReplicas?: number;
  replicas: number;
}

/** ResourceClaim of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceClaim {
  name: string;
  request?: string;
}

/** ResourceFieldSelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceFieldSelector {
  containerName?: string;
  divisor?: string;
  resource: string;
}

/** ResourceHealth of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceHealth {
  health?: string;
  message?: string;
  resourceID: string;
}

/** ResourceQuota of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceQuota {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ResourceQuotaSpec;
  status: ResourceQuotaStatus;
}

/** ResourceQuotaList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceQuotaList {
  apiVersion: string;
  items: ResourceQuota[];
  kind: string;
  metadata: ListMeta;
}

/** ResourceQuotaSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceQuotaSpec {
  hard?: Record<string, string>;
  scopeSelector?: ScopeSelector;
  scopes?: ('BestEffort' | 'CrossNamespacePodAffinity' | 'NotBestEffort' | 'NotTerminating' | 'PriorityClass' | 'Terminating' | 'VolumeAttributesClass')[];
}

/** ResourceQuotaStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceQuotaStatus {
  hard?: Record<string, string>;
  used?: Record<string, string>;
}

/** ResourceRequirements of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceRequirements {
  claims?: ResourceClaim[];
  limits?: Record<string, string>;
  requests?: Record<string, string>;
}

/** ResourceStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ResourceStatus {
  name: string;
  resources?: ResourceHealth[];
}

/** SELinuxOptions of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SELinuxOptions {
  level?: string;
  role?: string;
  type?: string;
  user?: string;
}

/** ScaleIOPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ScaleIOPersistentVolumeSource {
  fsType?: string;
  gateway: string;
  protectionDomain?: string;
  readOnly?: boolean;
  secretRef: SecretReference;
  sslEnabled?: boolean;
  storageMode?: string;
  storagePool?: string;
  system: string;
  volumeName?: string;
}

/** ScaleIOVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ScaleIOVolumeSource {
  fsType?: string;
  gateway: string;
  protectionDomain?: string;
  readOnly?: boolean;
  secretRef: LocalObjectReference;
  sslEnabled?: boolean;
  storageMode?: string;
  storagePool?: string;
  system: string;
  volumeName?: string;
}

/** ScopeSelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ScopeSelector {
  matchExpressions?: ScopedResourceSelectorRequirement[];
}

/** ScopedResourceSelectorRequirement of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ScopedResourceSelectorRequirement {
  operator: 'DoesNotExist' | 'Exists' | 'In' | 'NotIn';
  scopeName: 'BestEffort' | 'CrossNamespacePodAffinity' | 'NotBestEffort' | 'NotTerminating' | 'PriorityClass' | 'Terminating' | 'VolumeAttributesClass';
  values?: string[];
}

/** SeccompProfile of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SeccompProfile {
  localhostProfile?: string;
  type: 'Localhost' | 'RuntimeDefault' | 'Unconfined';
}

/** Secret of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Secret {
  apiVersion: string;
  data?: Record<string, string>;
  immutable?: boolean;
  kind: string;
  metadata: ObjectMeta;
  stringData?: Record<string, string>;
  type?: string;
}

/** SecretEnvSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretEnvSource {
  name?: string;
  optional?: boolean;
}

/** SecretKeySelector of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretKeySelector {
  key: string;
  name?: string;
  optional?: boolean;
}

/** SecretList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretList {
  apiVersion: string;
  items: Secret[];
  kind: string;
  metadata: ListMeta;
}

/** SecretProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretProjection {
  items?: KeyToPath[];
  name?: string;
  optional?: boolean;
}

/** SecretReference of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretReference {
  name?: string;
  namespace?: string;
}

/** SecretVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecretVolumeSource {
  defaultMode?: number;
  items?: KeyToPath[];
  optional?: boolean;
  secretName?: string;
}

/** SecurityContext of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SecurityContext {
  allowPrivilegeEscalation?: boolean;
  appArmorProfile?: AppArmorProfile;
  capabilities?: Capabilities;
  privileged?: boolean;
  procMount?: 'Default' | 'Unmasked';
  readOnlyRootFilesystem?: boolean;
  runAsGroup?: Int64;
  runAsNonRoot?: boolean;
  runAsUser?: Int64;
  seLinuxOptions?: SELinuxOptions;
  seccompProfile?: SeccompProfile;
  windowsOptions?: WindowsSecurityContextOptions;
}

/** Service of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Service {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: ServiceSpec;
  status: ServiceStatus;
}

/** ServiceAccount of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceAccount {
  apiVersion: string;
  automountServiceAccountToken?: boolean;
  imagePullSecrets?: LocalObjectReference[];
  kind: string;
  metadata: ObjectMeta;
  secrets?: ObjectReference[];
}

/** ServiceAccountList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceAccountList {
  apiVersion: string;
  items: ServiceAccount[];
  kind: string;
  metadata: ListMeta;
}

/** ServiceAccountTokenProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceAccountTokenProjection {
  audience?: string;
  expirationSeconds?: Int64;
  path: string;
}

/** ServiceList of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceList {
  apiVersion: string;
  items: Service[];
  kind: string;
  metadata: ListMeta;
}

/** ServicePort of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServicePort {
  appProtocol?: string;
  name?: string;
  nodePort?: number;
  port: number;
  protocol?: 'SCTP' | 'TCP' | 'UDP';
  targetPort?: number | string;
}

/** ServiceSpec of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceSpec {
  allocateLoadBalancerNodePorts?: boolean;
  clusterIP?: string;
  clusterIPs?: string[];
  externalIPs?: string[];
  externalName?: string;
  externalTrafficPolicy?: 'Cluster' | 'Local';
  healthCheckNodePort?: number;
  internalTrafficPolicy?: 'Cluster' | 'Local';
  ipFamilies?: ('' | 'IPv4' | 'IPv6')[];
  ipFamilyPolicy?: 'PreferDualStack' | 'RequireDualStack' | 'SingleStack';
  loadBalancerClass?: string;
  loadBalancerIP?: string;
  loadBalancerSourceRanges?: string[];
  ports?: ServicePort[];
  publishNotReadyAddresses?: boolean;
  selector?: Record<string, string>;
  sessionAffinity?: 'ClientIP' | 'None';
  sessionAffinityConfig?: SessionAffinityConfig;
  trafficDistribution?: string;
  type?: 'ClusterIP' | 'ExternalName' | 'LoadBalancer' | 'NodePort';
}

/** ServiceStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface ServiceStatus {
  conditions?: Condition[];
  loadBalancer?: LoadBalancerStatus;
}

/** SessionAffinityConfig of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SessionAffinityConfig {
  clientIP?: ClientIPConfig;
}

/** SleepAction of core/v1, as the Kubernetes 1.36 API defines it. */
export interface SleepAction {
  seconds: Int64;
}

/** StorageOSPersistentVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface StorageOSPersistentVolumeSource {
  fsType?: string;
  readOnly?: boolean;
  secretRef?: ObjectReference;
  volumeName?: string;
  volumeNamespace?: string;
}

/** StorageOSVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface StorageOSVolumeSource {
  fsType?: string;
  readOnly?: boolean;
  secretRef?: LocalObjectReference;
  volumeName?: string;
  volumeNamespace?: string;
}

/** Sysctl of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Sysctl {
  name: string;
  value: string;
}

/** TCPSocketAction of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TCPSocketAction {
  host?: string;
  port: number | string;
}

/** Taint of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Taint {
  effect: 'NoExecute' | 'NoSchedule' | 'PreferNoSchedule';
  key: string;
  timeAdded?: string;
  value?: string;
}

/** Toleration of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Toleration {
  effect?: 'NoExecute' | 'NoSchedule' | 'PreferNoSchedule';
  key?: string;
  operator?: 'Equal' | 'Exists' | 'Gt' | 'Lt';
  tolerationSeconds?: Int64;
  value?: string;
}

/** TopologySelectorLabelRequirement of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TopologySelectorLabelRequirement {
  key: string;
  values: string[];
}

/** TopologySelectorTerm of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TopologySelectorTerm {
  matchLabelExpressions?: TopologySelectorLabelRequirement[];
}

/** TopologySpreadConstraint of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TopologySpreadConstraint {
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  maxSkew: number;
  minDomains?: number;
  nodeAffinityPolicy?: 'Honor' | 'Ignore';
  nodeTaintsPolicy?: 'Honor' | 'Ignore';
  topologyKey: string;
  whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
}

/** TypedLocalObjectReference of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TypedLocalObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
}

/** TypedObjectReference of core/v1, as the Kubernetes 1.36 API defines it. */
export interface TypedObjectReference {
  apiGroup?: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** Volume of core/v1, as the Kubernetes 1.36 API defines it. */
export interface Volume {
  awsElasticBlockStore?: AWSElasticBlockStoreVolumeSource;
  azureDisk?: AzureDiskVolumeSource;
  azureFile?: AzureFileVolumeSource;
  cephfs?: CephFSVolumeSource;
  cinder?: CinderVolumeSource;
  configMap?: ConfigMapVolumeSource;
  csi?: CSIVolumeSource;
  downwardAPI?: DownwardAPIVolumeSource;
  emptyDir?: EmptyDirVolumeSource;
  ephemeral?: EphemeralVolumeSource;
  fc?: FCVolumeSource;
  flexVolume?: FlexVolumeSource;
  flocker?: FlockerVolumeSource;
  gcePersistentDisk?: GCEPersistentDiskVolumeSource;
  gitRepo?: GitRepoVolumeSource;
  glusterfs?: GlusterfsVolumeSource;
  hostPath?: HostPathVolumeSource;
  image?: ImageVolumeSource;
  iscsi?: ISCSIVolumeSource;
  name: string;
  nfs?: NFSVolumeSource;
  persistentVolumeClaim?: PersistentVolumeClaimVolumeSource;
  photonPersistentDisk?: PhotonPersistentDiskVolumeSource;
  portworxVolume?: PortworxVolumeSource;
  projected?: ProjectedVolumeSource;
  quobyte?: QuobyteVolumeSource;
  rbd?: RBDVolumeSource;
  scaleIO?: ScaleIOVolumeSource;
  secret?: SecretVolumeSource;
  storageos?: StorageOSVolumeSource;
  vsphereVolume?: VsphereVirtualDiskVolumeSource;
}

/** VolumeDevice of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeDevice {
  devicePath: string;
  name: string;
}

/** VolumeMount of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeMount {
  mountPath: string;
  mountPropagation?: 'Bidirectional' | 'HostToContainer' | 'None';
  name: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
  subPath?: string;
  subPathExpr?: string;
}

/** VolumeMountStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeMountStatus {
  mountPath: string;
  name: string;
  readOnly?: boolean;
  recursiveReadOnly?: string;
  volumeStatus?: VolumeStatus;
}

/** VolumeNodeAffinity of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeNodeAffinity {
  required?: NodeSelector;
}

/** VolumeProjection of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeProjection {
  clusterTrustBundle?: ClusterTrustBundleProjection;
  configMap?: ConfigMapProjection;
  downwardAPI?: DownwardAPIProjection;
  podCertificate?: PodCertificateProjection;
  secret?: SecretProjection;
  serviceAccountToken?: ServiceAccountTokenProjection;
}

/** VolumeResourceRequirements of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeResourceRequirements {
  limits?: Record<string, string>;
  requests?: Record<string, string>;
}

/** VolumeStatus of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VolumeStatus {
  image?: ImageVolumeStatus;
}

/** VsphereVirtualDiskVolumeSource of core/v1, as the Kubernetes 1.36 API defines it. */
export interface VsphereVirtualDiskVolumeSource {
  fsType?: string;
  storagePolicyID?: string;
  storagePolicyName?: string;
  volumePath: string;
}

/** WeightedPodAffinityTerm of core/v1, as the Kubernetes 1.36 API defines it. */
export interface WeightedPodAffinityTerm {
  podAffinityTerm: PodAffinityTerm;
  weight: number;
}

/** WindowsSecurityContextOptions of core/v1, as the Kubernetes 1.36 API defines it. */
export interface WindowsSecurityContextOptions {
  gmsaCredentialSpec?: string;
  gmsaCredentialSpecName?: string;
  hostProcess?: boolean;
  runAsUserName?: string;
}
