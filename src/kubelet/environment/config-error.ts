/** Something that a container's configuration names is wrong or missing: it waits with reason CreateContainerConfigError. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
