/** `longshore up`: the lasting server. */
import { resolve } from 'node:path';
import { rfc3339, systemClock } from '../../apimachinery/clock.ts';
import {
  defaultDataDirectory,
  fitHeapToWork,
  mergeUserKubeconfig,
  type NodeFlags,
  openDataDirectory,
  removeServerRecord,
  runningServer,
  startCluster,
  UserError,
  writeServerRecord,
} from '../../cluster/index.ts';
import { endSignal } from '../end-signals.ts';

/** Options of the verb, as the command line gives them. */
export interface UpOptions extends NodeFlags {
  readonly dataDir?: string;
  readonly bind: string;
  readonly port: number;
  readonly kubeconfig?: string;
  readonly mergeKubeconfig: boolean;
  readonly runtime: string;
  readonly fakeNodes?: number;
  readonly store: string;
  readonly podSecurity: string;
  readonly rotateSecretsKey?: boolean;
  /** Milliseconds. */
  readonly nodeMonitorGracePeriod: number;
  /** Milliseconds. */
  readonly podEvictionTimeout: number;
  /** Milliseconds. */
  readonly clusterSigningDuration: number;
  readonly audit: boolean;
  readonly verbose?: boolean;
}

/** Serves until SIGINT or SIGTERM; answers the exit code. */
export async function up(options: UpOptions): Promise<number> {
  // Counted from the start of the process, which is what the user waits for.
  const started = systemClock.monotonic() - process.uptime() * 1000;
  const directory = resolve(options.dataDir ?? defaultDataDirectory());
  const running = runningServer(directory);
  if (running !== undefined) {
    throw new UserError(
      `a server already runs on ${directory} (pid ${running.pid}, ${running.url}): stop it with 'longshore down', or choose another --data-dir`,
    );
  }
  if (options.store !== 'sqlite' && options.store !== 'memory') {
    throw new UserError(`unknown store '${options.store}': use sqlite or memory`);
  }
  const stopped = endSignal();
  const data = openDataDirectory(directory);
  const cluster = await startCluster({
    data,
    store: options.store,
    listen: { address: options.bind, port: options.port },
    runtime: options.runtime,
    signingMs: options.clusterSigningDuration,
    nodePatience: { graceMs: options.nodeMonitorGracePeriod, podEvictionMs: options.podEvictionTimeout },
    ...(options.fakeNodes === undefined ? {} : { fakeNodes: options.fakeNodes }),
    nodeFlags: options,
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: resolve(options.kubeconfig) }),
    podSecurity: options.podSecurity,
    rotateSecretsKey: options.rotateSecretsKey === true,
    audit: options.audit,
    logLevel: options.verbose === true ? 'debug' : 'warn',
  });
  try {
    if (options.mergeKubeconfig) await mergeUserKubeconfig(cluster.kubeconfig);
    const { url, joinUrl, kubeconfig, runtime } = cluster;
    writeServerRecord(data.root, {
      url,
      joinUrl,
      kubeconfig,
      runtime,
      startedAt: rfc3339(systemClock.now()),
    });
    for (const notice of cluster.notices) process.stderr.write(`${notice}\n`);
    process.stdout.write(`ready ${url} in ${Math.round(systemClock.monotonic() - started)} ms\n`);
    const fitting = fitHeapToWork(systemClock, 'server');
    await stopped;
    fitting.cancel();
  } finally {
    await cluster.stop();
    removeServerRecord(data.root);
  }
  return 0;
}
