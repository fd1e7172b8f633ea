/** What a node was set to, as `/configz` shows it: kubelet.config.k8s.io/v1beta1, as far as there is such a thing here. Pure. */
import { formatGoDuration } from '../../apimachinery/go-duration.ts';
import { binaryText, type Threshold } from '../eviction/thresholds.ts';
import type { NodeSettings } from '../node-settings.ts';

/** The settings as a KubeletConfiguration. @param more what the node knows beside its settings. */
export function nodeConfiguration(
  settings: NodeSettings,
  more: { readonly leaseMs: number; readonly pods: number; readonly port: number; readonly domain: string },
): object {
  const { imageGc, logs } = settings;
  return {
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    enableServer: more.port > 0,
    port: more.port,
    authentication: {
      x509: {},
      webhook: { enabled: true, cacheTTL: '2m0s' },
      anonymous: { enabled: false },
    },
    authorization: {
      mode: 'Webhook',
      webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' },
    },
    clusterDomain: more.domain,
    nodeLeaseDurationSeconds: Math.round(more.leaseMs / 1000),
    maxPods: more.pods,
    syncFrequency: formatGoDuration(settings.syncMs),
    imageMinimumGCAge: formatGoDuration(imageGc.minAgeMs),
    imageGCHighThresholdPercent: imageGc.highPercent,
    imageGCLowThresholdPercent: imageGc.lowPercent,
    evictionHard: Object.fromEntries(settings.evictionHard.map((each) => [each.signal, amountText(each)])),
    evictionPressureTransitionPeriod: formatGoDuration(settings.evictionTransitionMs),
    containerLogMaxSize: binaryText(logs.bytesMax),
    containerLogMaxFiles: logs.filesMax,
    systemReserved: settings.reserved,
    enableDebuggingHandlers: true,
    enableSystemLogHandler: false,
  };
}

function amountText({ amount, isShare, signal }: Threshold): string {
  if (isShare) return `${amount * 100}%`;
  const isCount = signal.endsWith('.inodesFree') || signal === 'pid.available';
  return isCount ? String(amount) : binaryText(amount);
}
