/** What a node's owner may choose: the kubelet's flags of the same names, with the kubelet's defaults. */

/** See the file's head. */
export interface NodeSettings {
  /** Milliseconds after which ConfigMaps, Secrets and the like that are mounted are looked at again (sync-frequency). */
  readonly syncMs: number;
}

/** What holds where nothing is chosen. */
export const DEFAULT_NODE_SETTINGS: NodeSettings = {
  syncMs: 60_000,
};
