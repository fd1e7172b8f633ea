// Starts the store's thread. Plain JavaScript, so that the thread turns the compile cache on before it loads anything: a
// checkout's TypeScript then comes from the cache, and the thread does without a compiler of its own (20 MB).
import * as nodeModule from 'node:module';
import { workerData } from 'node:worker_threads';

nodeModule.enableCompileCache?.();
await import(workerData.script);
