/** The parts of the Docker Engine API's objects that are used here, under their own names. Source: Docker Engine API v1.41. */

/** `State` of a container. */
export interface EngineState {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`; Podman has a few more. */
  readonly Status: string;
  readonly Running: boolean;
  readonly OOMKilled: boolean;
  readonly ExitCode: number;
  readonly Error: string;
  /** RFC 3339; `0001-01-01T00:00:00Z` when it never did. */
  readonly StartedAt: string;
  readonly FinishedAt: string;
}

/** `GET /containers/ID/json`. */
export interface EngineContainer {
  readonly Id: string;
  readonly Created: string;
  readonly Image: string;
  readonly State: EngineState;
  readonly Config: {
    readonly Labels: Readonly<Record<string, string>> | null;
  };
  readonly NetworkSettings?: {
    readonly IPAddress?: string;
    readonly GlobalIPv6Address?: string;
    readonly Networks?: Readonly<
      Record<string, { readonly IPAddress?: string; readonly GlobalIPv6Address?: string } | null>
    > | null;
  };
}

/** An item of `GET /containers/json`. */
export interface EngineListedContainer {
  readonly Id: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly State: string;
  readonly ImageID: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  /** Bytes that it wrote; only when asked for. */
  readonly SizeRw?: number;
}

/** `GET /images/NAME/json`, and an item of `GET /images/json` without its configuration. */
export interface EngineImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Size: number;
  readonly Config?: { readonly User?: string } | null;
}

/** `GET /exec/ID/json`. */
export interface EngineCommand {
  readonly Running: boolean;
  readonly ExitCode: number | null;
  /** Process id as the engine sees it. */
  readonly Pid: number;
}

/** `GET /info`. */
export interface EngineInfo {
  readonly Name: string;
  readonly Architecture: string;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly OSType: string;
  readonly CgroupDriver: string;
  /** Where images and what containers write lie on the engine's machine. */
  readonly DockerRootDir: string;
  readonly SecurityOptions: readonly string[] | null;
}
