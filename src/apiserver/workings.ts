import type { Clock } from '../apimachinery/clock.ts';
import type { Random } from '../apimachinery/random.ts';
import type { Storage } from '../storage/storage.ts';
import type { BodyReader } from './body-reader.ts';
import type { Catalog } from './catalog.ts';
import type { AdmissionPlugin, Backend } from './resource.ts';

/** Where the server reports what its operator should know. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the handlers of all verbs work with. */
export interface Workings {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly catalog: Catalog;
  readonly admission: readonly AdmissionPlugin[];
  readonly bodies: BodyReader;
  /** What plugins, custom subresources and virtual resources are given. */
  readonly backend: Backend;
}
