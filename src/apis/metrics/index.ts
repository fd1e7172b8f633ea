/** What nodes and pods use: as node agents tell it, and as metrics.k8s.io/v1beta1 shows it. Pure. */
export type {
  Consumption,
  ContainerConsumption,
  DiskRoom,
  NodeConsumption,
  PodConsumption,
} from './consumption.ts';
export { METRICS_VERSION, nodeMetrics, podMetrics } from './metrics.ts';
