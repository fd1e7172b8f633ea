/**
 * A runtime that runs nothing: containers end when their pod's annotations say so, on the clock that it is given.
 *
 * `fake.longshore.dev/duration` is how long each container runs (a Go duration, default 0; `forever` never ends by itself) and
 * `fake.longshore.dev/exit-code` what it ends with (default 0). A container of duration 0 has ended when `startContainer` returns, so
 * that no timer is needed for it. A command run in one says its own words and then what it is told; a port answers with what it
 * gets. It has no files, no images, no addresses, and nothing survives the process.
 */
export { newFakeRuntime } from './fake-runtime.ts';
