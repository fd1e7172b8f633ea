/** The controllers and the scheduler that run beside the API server. */
import type { Component, ComponentContext } from '../client/index.ts';
import { newJobController } from '../controllers/job/index.ts';
import { newScheduler } from '../scheduler/index.ts';

/** Everything that watches the API and acts through it, ready to start. */
export function newControlLoops(
  context: ComponentContext,
  certificateAuthority: string,
): readonly Component[] {
  return [newJobController(context), newScheduler(context)];
}
