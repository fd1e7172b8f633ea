import type { Logger } from '../controller.ts';

/** A log for tests that look at what a component does, not at what it says. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
