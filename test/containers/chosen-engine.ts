/** The runtime with CRI that tests of pods run on: containerd, or what `LONGSHORE_TEST_ENGINE` names (`containerd` or `cri-o`). */
import type { TestContext } from 'node:test';
import { requireContainerd, startContainerd } from './containerd.ts';
import type { CriEngine } from './cri-engine.ts';
import { requireCrio, startCrio } from './crio.ts';

const isCrio = process.env['LONGSHORE_TEST_ENGINE'] === 'cri-o';

/** Whether it can run here; otherwise the test is skipped, or fails where nothing may skip. */
export function requireCriEngine(test: TestContext): boolean {
  return isCrio ? requireCrio(test) : requireContainerd(test);
}

/** Starts one and waits until it can run pods. @param disk options of a tmpfs for what it stores. */
export function startCriEngine(disk?: string): Promise<CriEngine> {
  return isCrio ? startCrio(disk) : startContainerd({ disk });
}
