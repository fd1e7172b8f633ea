/** Makes a pod's sandbox, the first or one in the place of another, and reads the pull secrets that its containers will need. */
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import type { Pod } from '../../apis/core/types.ts';
import { PullSecrets } from '../images/pull-secrets.ts';
import { callErrorText } from '../runtimes/runtime-error.ts';
import type { NodeServices } from './node-services.ts';
import type { PodGround } from './pod-ground.ts';
import type { PodView } from './pod-view.ts';

/** See the file's head. */
export class SandboxMaker {
  readonly #services: NodeServices;
  readonly #view: PodView;
  readonly #ground: PodGround;
  /** From the making of the sandbox to the start of its first containers. */
  #secrets: PullSecrets | undefined;

  constructor(services: NodeServices, view: PodView, ground: PodGround) {
    this.#services = services;
    this.#view = view;
    this.#ground = ground;
  }

  /** Makes it, and tells by events of what is in its way. Rejects when the runtime does not make it. */
  async make(pod: DeepReadonly<Pod>): Promise<void> {
    const { events, runtime } = this.#services;
    await this.#readSecrets(pod);
    if (this.#view.sandbox !== undefined) {
      // What ran in the old sandbox may not run on beside what will run in the new one.
      await runtime.stopPodSandbox(this.#view.sandbox.id);
      const told = 'Pod sandbox changed, it will be killed and re-created.';
      events.event(pod, 'Normal', 'SandboxChanged', told);
    }
    try {
      await this.#ground.makeSandbox(pod);
    } catch (error) {
      const told = `Failed to create pod sandbox: ${callErrorText(error)}`;
      events.event(pod, 'Warning', 'FailedCreatePodSandBox', told);
      throw error;
    }
  }

  /** What was read for the sandbox does for its first containers too; whatever starts later sees what is there by then. */
  takeSecrets(pod: DeepReadonly<Pod>): PullSecrets {
    const secrets = this.#secrets ?? new PullSecrets(pod, this.#services.config);
    this.#secrets = undefined;
    return secrets;
  }

  /** Pulls are tried without what is missing: it may not be needed. */
  async #readSecrets(pod: DeepReadonly<Pod>): Promise<void> {
    const { events, config, runtime } = this.#services;
    if (!runtime.traits.images || !pod.spec.imagePullSecrets?.length) return;
    this.#secrets = new PullSecrets(pod, config);
    const missing = await this.#secrets.missing();
    if (missing.length === 0) return;
    const what = `Unable to retrieve some image pull secrets (${missing.join(', ')})`;
    const told = `${what}; attempting to pull the image may not succeed.`;
    events.event(pod, 'Warning', 'FailedToRetrieveImagePullSecret', told);
  }
}
