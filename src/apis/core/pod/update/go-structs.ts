/**
 * The fields of a pod as Kubernetes' API server holds them in memory. Messages about a whole pod or template show it in
 * that form, as JSON, with every field in its order. An entry is `GoName[:wireName] [kind]`; the kinds:
 *
 * - none: a string, empty when absent; `n`: a number; `b`: a boolean; `q`: a quantity
 * - `*`: anything, null when absent; `*Name`: that struct or null; `Name`: that struct in place
 * - `[]`, `{}`: a list, a map, null when absent; `[]Name`: a list of that struct; `{}q`: a map of quantities
 *
 * The wire name is left out where it is the Go name with a small first letter.
 */
export const GO_STRUCTS: Readonly<Record<string, string>> = {
  PodSpec:
    'Volumes []Volume, InitContainers []Container, Containers []Container, EphemeralContainers []EphemeralContainer, RestartPolicy, TerminationGracePeriodSeconds *, ActiveDeadlineSeconds *, DNSPolicy:dnsPolicy, NodeSelector {}, ServiceAccountName, AutomountServiceAccountToken *, NodeName, SecurityContext *PodSecurityContext, ImagePullSecrets []LocalObjectReference, Hostname, Subdomain, SetHostnameAsFQDN *, Affinity *Affinity, SchedulerName, Tolerations []Toleration, HostAliases []HostAlias, PriorityClassName, Priority *, PreemptionPolicy *, DNSConfig:dnsConfig *PodDNSConfig, ReadinessGates []PodReadinessGate, RuntimeClassName *, Overhead {}q, EnableServiceLinks *, TopologySpreadConstraints []TopologySpreadConstraint, OS:os *PodOS, SchedulingGates []PodSchedulingGate, ResourceClaims []PodResourceClaim, Resources *ResourceRequirements, HostnameOverride *, SchedulingGroup *',
  Volume:
    'Name, HostPath *HostPathVolumeSource, EmptyDir *EmptyDirVolumeSource, GCEPersistentDisk:gcePersistentDisk *GCEPersistentDiskVolumeSource, AWSElasticBlockStore:awsElasticBlockStore *AWSElasticBlockStoreVolumeSource, GitRepo *GitRepoVolumeSource, Secret *SecretVolumeSource, NFS:nfs *NFSVolumeSource, ISCSI:iscsi *ISCSIVolumeSource, Glusterfs *GlusterfsVolumeSource, PersistentVolumeClaim *PersistentVolumeClaimVolumeSource, RBD:rbd *RBDVolumeSource, Quobyte *QuobyteVolumeSource, FlexVolume *FlexVolumeSource, Cinder *CinderVolumeSource, CephFS:cephfs *CephFSVolumeSource, Flocker *FlockerVolumeSource, DownwardAPI *DownwardAPIVolumeSource, FC:fc *FCVolumeSource, AzureFile *AzureFileVolumeSource, ConfigMap *ConfigMapVolumeSource, VsphereVolume *VsphereVirtualDiskVolumeSource, AzureDisk *AzureDiskVolumeSource, PhotonPersistentDisk *PhotonPersistentDiskVolumeSource, Projected *ProjectedVolumeSource, PortworxVolume *PortworxVolumeSource, ScaleIO *ScaleIOVolumeSource, StorageOS:storageos *StorageOSVolumeSource, CSI:csi *CSIVolumeSource, Ephemeral *EphemeralVolumeSource, Image *ImageVolumeSource',
  HostPathVolumeSource: 'Path, Type *',
  EmptyDirVolumeSource: 'Medium, SizeLimit *',
  GCEPersistentDiskVolumeSource: 'PDName:pdName, FSType:fsType, Partition n, ReadOnly b',
  AWSElasticBlockStoreVolumeSource: 'VolumeID, FSType:fsType, Partition n, ReadOnly b',
  GitRepoVolumeSource: 'Repository, Revision, Directory',
  SecretVolumeSource: 'SecretName, Items []KeyToPath, DefaultMode *, Optional *',
  KeyToPath: 'Key, Path, Mode *',
  NFSVolumeSource: 'Server, Path, ReadOnly b',
  ISCSIVolumeSource:
    'TargetPortal, IQN:iqn, Lun n, ISCSIInterface:iscsiInterface, FSType:fsType, ReadOnly b, Portals [], DiscoveryCHAPAuth:chapAuthDiscovery b, SessionCHAPAuth:chapAuthSession b, SecretRef *LocalObjectReference, InitiatorName *',
  LocalObjectReference: 'Name',
  GlusterfsVolumeSource: 'EndpointsName:endpoints, Path, ReadOnly b',
  PersistentVolumeClaimVolumeSource: 'ClaimName, ReadOnly b',
  RBDVolumeSource:
    'CephMonitors:monitors [], RBDImage:image, FSType:fsType, RBDPool:pool, RadosUser:user, Keyring, SecretRef *LocalObjectReference, ReadOnly b',
  QuobyteVolumeSource: 'Registry, Volume, ReadOnly b, User, Group, Tenant',
  FlexVolumeSource: 'Driver, FSType:fsType, SecretRef *LocalObjectReference, ReadOnly b, Options {}',
  CinderVolumeSource: 'VolumeID, FSType:fsType, ReadOnly b, SecretRef *LocalObjectReference',
  CephFSVolumeSource: 'Monitors [], Path, User, SecretFile, SecretRef *LocalObjectReference, ReadOnly b',
  FlockerVolumeSource: 'DatasetName, DatasetUUID',
  DownwardAPIVolumeSource: 'Items []DownwardAPIVolumeFile, DefaultMode *',
  DownwardAPIVolumeFile:
    'Path, FieldRef *ObjectFieldSelector, ResourceFieldRef *ResourceFieldSelector, Mode *',
  ObjectFieldSelector: 'APIVersion:apiVersion, FieldPath',
  ResourceFieldSelector: 'ContainerName, Resource, Divisor q',
  FCVolumeSource: 'TargetWWNs [], Lun *, FSType:fsType, ReadOnly b, WWIDs:wwids []',
  AzureFileVolumeSource: 'SecretName, ShareName, ReadOnly b',
  ConfigMapVolumeSource: 'Name, Items []KeyToPath, DefaultMode *, Optional *',
  VsphereVirtualDiskVolumeSource: 'VolumePath, FSType:fsType, StoragePolicyName, StoragePolicyID',
  AzureDiskVolumeSource: 'DiskName, DataDiskURI:diskURI, CachingMode *, FSType:fsType *, ReadOnly *, Kind *',
  PhotonPersistentDiskVolumeSource: 'PdID, FSType:fsType',
  ProjectedVolumeSource: 'Sources []VolumeProjection, DefaultMode *',
  VolumeProjection:
    'Secret *SecretProjection, DownwardAPI *DownwardAPIProjection, ConfigMap *ConfigMapProjection, ServiceAccountToken *ServiceAccountTokenProjection, ClusterTrustBundle *, PodCertificate *',
  SecretProjection: 'Name, Items []KeyToPath, Optional *',
  DownwardAPIProjection: 'Items []DownwardAPIVolumeFile',
  ConfigMapProjection: 'Name, Items []KeyToPath, Optional *',
  ServiceAccountTokenProjection: 'Audience, ExpirationSeconds n, Path',
  PortworxVolumeSource: 'VolumeID, FSType:fsType, ReadOnly b',
  ScaleIOVolumeSource:
    'Gateway, System, SecretRef *LocalObjectReference, SSLEnabled:sslEnabled b, ProtectionDomain, StoragePool, StorageMode, VolumeName, FSType:fsType, ReadOnly b',
  StorageOSVolumeSource:
    'VolumeName, VolumeNamespace, FSType:fsType, ReadOnly b, SecretRef *LocalObjectReference',
  CSIVolumeSource:
    'Driver, ReadOnly *, FSType:fsType *, VolumeAttributes {}, NodePublishSecretRef *LocalObjectReference',
  EphemeralVolumeSource: 'VolumeClaimTemplate *PersistentVolumeClaimTemplate',
  PersistentVolumeSource:
    'GCEPersistentDisk:gcePersistentDisk *GCEPersistentDiskVolumeSource, AWSElasticBlockStore:awsElasticBlockStore *AWSElasticBlockStoreVolumeSource, HostPath *HostPathVolumeSource, Glusterfs *GlusterfsPersistentVolumeSource, NFS:nfs *NFSVolumeSource, RBD:rbd *RBDPersistentVolumeSource, Quobyte *QuobyteVolumeSource, ISCSI:iscsi *ISCSIPersistentVolumeSource, FlexVolume *FlexPersistentVolumeSource, Cinder *CinderPersistentVolumeSource, CephFS:cephfs *CephFSPersistentVolumeSource, FC:fc *FCVolumeSource, Flocker *FlockerVolumeSource, AzureFile *AzureFilePersistentVolumeSource, VsphereVolume *VsphereVirtualDiskVolumeSource, AzureDisk *AzureDiskVolumeSource, PhotonPersistentDisk *PhotonPersistentDiskVolumeSource, PortworxVolume *PortworxVolumeSource, ScaleIO *ScaleIOPersistentVolumeSource, Local *LocalVolumeSource, StorageOS:storageos *StorageOSPersistentVolumeSource, CSI:csi *CSIPersistentVolumeSource',
  GlusterfsPersistentVolumeSource: 'EndpointsName:endpoints, Path, ReadOnly b, EndpointsNamespace *',
  RBDPersistentVolumeSource:
    'CephMonitors:monitors [], RBDImage:image, FSType:fsType, RBDPool:pool, RadosUser:user, Keyring, SecretRef *SecretReference, ReadOnly b',
  ISCSIPersistentVolumeSource:
    'TargetPortal, IQN:iqn, Lun n, ISCSIInterface:iscsiInterface, FSType:fsType, ReadOnly b, Portals [], DiscoveryCHAPAuth:chapAuthDiscovery b, SessionCHAPAuth:chapAuthSession b, SecretRef *SecretReference, InitiatorName *',
  FlexPersistentVolumeSource: 'Driver, FSType:fsType, SecretRef *SecretReference, ReadOnly b, Options {}',
  CinderPersistentVolumeSource: 'VolumeID, FSType:fsType, ReadOnly b, SecretRef *SecretReference',
  CephFSPersistentVolumeSource: 'Monitors [], Path, User, SecretFile, SecretRef *SecretReference, ReadOnly b',
  AzureFilePersistentVolumeSource: 'SecretName, ShareName, ReadOnly b, SecretNamespace *',
  ScaleIOPersistentVolumeSource:
    'Gateway, System, SecretRef *SecretReference, SSLEnabled:sslEnabled b, ProtectionDomain, StoragePool, StorageMode, VolumeName, FSType:fsType, ReadOnly b',
  StorageOSPersistentVolumeSource:
    'VolumeName, VolumeNamespace, FSType:fsType, ReadOnly b, SecretRef *ObjectReference',
  CSIPersistentVolumeSource:
    'Driver, VolumeHandle, ReadOnly b, FSType:fsType, VolumeAttributes {}, ControllerPublishSecretRef *SecretReference, NodeStageSecretRef *SecretReference, NodePublishSecretRef *SecretReference, ControllerExpandSecretRef *SecretReference, NodeExpandSecretRef *SecretReference',
  SecretReference: 'Name, Namespace',
  ObjectReference: 'Kind, Namespace, Name, UID:uid, APIVersion:apiVersion, ResourceVersion, FieldPath',
  LocalVolumeSource: 'Path, FSType:fsType *',
  PersistentVolumeClaimTemplate: 'Spec PersistentVolumeClaimSpec',
  PersistentVolumeClaimSpec:
    'AccessModes [], Selector *selector, Resources VolumeResourceRequirements, VolumeName, StorageClassName *, VolumeMode *, DataSource *TypedLocalObjectReference, DataSourceRef *TypedObjectReference, VolumeAttributesClassName *',
  VolumeResourceRequirements: 'Limits {}q, Requests {}q',
  TypedLocalObjectReference: 'APIGroup:apiGroup *, Kind, Name',
  TypedObjectReference: 'APIGroup:apiGroup *, Kind, Name, Namespace *',
  ImageVolumeSource: 'Reference, PullPolicy',
  Container:
    'Name, Image, Command [], Args [], WorkingDir, Ports []ContainerPort, EnvFrom []EnvFromSource, Env []EnvVar, Resources ResourceRequirements, ResizePolicy []ContainerResizePolicy, RestartPolicy *, RestartPolicyRules []ContainerRestartRule, VolumeMounts []VolumeMount, VolumeDevices []VolumeDevice, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath, TerminationMessagePolicy, ImagePullPolicy, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY:tty b',
  ContainerPort: 'Name, HostPort n, ContainerPort n, Protocol, HostIP',
  EnvFromSource: 'Prefix, ConfigMapRef *ConfigMapEnvSource, SecretRef *SecretEnvSource',
  ConfigMapEnvSource: 'Name, Optional *',
  SecretEnvSource: 'Name, Optional *',
  EnvVar: 'Name, Value, ValueFrom *EnvVarSource',
  EnvVarSource:
    'FieldRef *ObjectFieldSelector, ResourceFieldRef *ResourceFieldSelector, ConfigMapKeyRef *ConfigMapKeySelector, SecretKeyRef *SecretKeySelector, FileKeyRef *FileKeySelector',
  ConfigMapKeySelector: 'Name, Key, Optional *',
  SecretKeySelector: 'Name, Key, Optional *',
  FileKeySelector: 'VolumeName, Path, Key, Optional *',
  ResourceRequirements: 'Limits {}q, Requests {}q, Claims []ResourceClaim',
  ResourceClaim: 'Name, Request',
  ContainerResizePolicy: 'ResourceName, RestartPolicy',
  ContainerRestartRule: 'Action, ExitCodes *ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator, Values []',
  VolumeMount: 'Name, ReadOnly b, RecursiveReadOnly *, MountPath, SubPath, MountPropagation *, SubPathExpr',
  VolumeDevice: 'Name, DevicePath',
  Probe:
    'Exec *ExecAction, HTTPGet:httpGet *HTTPGetAction, TCPSocket:tcpSocket *TCPSocketAction, GRPC:grpc *GRPCAction, InitialDelaySeconds n, TimeoutSeconds n, PeriodSeconds n, SuccessThreshold n, FailureThreshold n, TerminationGracePeriodSeconds *',
  ExecAction: 'Command []',
  HTTPGetAction: 'Path, Port n, Host, Scheme, HTTPHeaders:httpHeaders []HTTPHeader',
  HTTPHeader: 'Name, Value',
  TCPSocketAction: 'Port n, Host',
  GRPCAction: 'Port n, Service *',
  Lifecycle: 'PostStart *LifecycleHandler, PreStop *LifecycleHandler, StopSignal *',
  LifecycleHandler:
    'Exec *ExecAction, HTTPGet:httpGet *HTTPGetAction, TCPSocket:tcpSocket *TCPSocketAction, Sleep *SleepAction',
  SleepAction: 'Seconds n',
  SecurityContext:
    'Capabilities *Capabilities, Privileged *, SELinuxOptions:seLinuxOptions *SELinuxOptions, WindowsOptions *WindowsSecurityContextOptions, RunAsUser *, RunAsGroup *, RunAsNonRoot *, ReadOnlyRootFilesystem *, AllowPrivilegeEscalation *, ProcMount *, SeccompProfile *SeccompProfile, AppArmorProfile *AppArmorProfile',
  Capabilities: 'Add [], Drop []',
  SELinuxOptions: 'User, Role, Type, Level',
  WindowsSecurityContextOptions:
    'GMSACredentialSpecName:gmsaCredentialSpecName *, GMSACredentialSpec:gmsaCredentialSpec *, RunAsUserName *, HostProcess *',
  SeccompProfile: 'Type, LocalhostProfile *',
  AppArmorProfile: 'Type, LocalhostProfile *',
  EphemeralContainer:
    'Name, Image, Command [], Args [], WorkingDir, Ports []ContainerPort, EnvFrom []EnvFromSource, Env []EnvVar, Resources ResourceRequirements, ResizePolicy []ContainerResizePolicy, RestartPolicy *, RestartPolicyRules []ContainerRestartRule, VolumeMounts []VolumeMount, VolumeDevices []VolumeDevice, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath, TerminationMessagePolicy, ImagePullPolicy, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY:tty b, TargetContainerName',
  PodSecurityContext:
    'HostNetwork b, HostPID b, HostIPC b, ShareProcessNamespace *, HostUsers *, SELinuxOptions:seLinuxOptions *SELinuxOptions, WindowsOptions *WindowsSecurityContextOptions, RunAsUser *, RunAsGroup *, RunAsNonRoot *, SupplementalGroups [], SupplementalGroupsPolicy *, FSGroup:fsGroup *, FSGroupChangePolicy:fsGroupChangePolicy *, Sysctls []Sysctl, SeccompProfile *SeccompProfile, AppArmorProfile *AppArmorProfile, SELinuxChangePolicy:seLinuxChangePolicy *',
  Sysctl: 'Name, Value',
  Affinity: 'NodeAffinity *NodeAffinity, PodAffinity *PodAffinity, PodAntiAffinity *PodAntiAffinity',
  NodeAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution *NodeSelector, PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm',
  NodeSelector: 'NodeSelectorTerms []NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions []NodeSelectorRequirement, MatchFields []NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key, Operator, Values []',
  PreferredSchedulingTerm: 'Weight n, Preference NodeSelectorTerm',
  PodAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm, PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm',
  PodAffinityTerm:
    'LabelSelector *selector, Namespaces [], TopologyKey, NamespaceSelector *selector, MatchLabelKeys [], MismatchLabelKeys []',
  WeightedPodAffinityTerm: 'Weight n, PodAffinityTerm PodAffinityTerm',
  PodAntiAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm, PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm',
  VolumeNodeAffinity: 'Required *NodeSelector',
  Toleration: 'Key, Operator, Value, Effect, TolerationSeconds *',
  HostAlias: 'IP:ip, Hostnames []',
  PodDNSConfig: 'Nameservers [], Searches [], Options []PodDNSConfigOption',
  PodDNSConfigOption: 'Name, Value *',
  PodReadinessGate: 'ConditionType',
  TopologySpreadConstraint:
    'MaxSkew n, TopologyKey, WhenUnsatisfiable, LabelSelector *selector, MinDomains *, NodeAffinityPolicy *, NodeTaintsPolicy *, MatchLabelKeys []',
  PodOS: 'Name',
  PodSchedulingGate: 'Name',
  PodResourceClaim: 'Name, ResourceClaimName *, ResourceClaimTemplateName *',
  PodSchedulingGroup: 'PodGroupName *',
};
