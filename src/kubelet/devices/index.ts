/**
 * Devices of the node that pods ask for as extended resources.
 *
 * What holds: a device is in one pod at a time; a container that restarts, or is found again, keeps its own. How a device
 * comes into the container is the runtime's: by its CDI name, or as a path.
 */
export { type Allocation, DeviceAllocator } from './device-allocator.ts';
export { type ExtendedResource, givenDevices, parseExtendedResource } from './device-list.ts';
