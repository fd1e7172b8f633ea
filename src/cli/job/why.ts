/** `longshore why`: tells in sentences why a Job is where it is. */
import { systemClock } from '../../apimachinery/clock.ts';
import { isControlledBy } from '../../apimachinery/meta/controller-ref.ts';
import type { DeepReadonly } from '../../apimachinery/meta/object.ts';
import { isNotFound } from '../../apimachinery/status-error.ts';
import { CONTROLLER_UID_LABEL } from '../../apis/batch/index.ts';
import type { Job } from '../../apis/batch/types.ts';
import type { Event, Pod } from '../../apis/core/types.ts';
import { type Client, EVENTS, JOBS, PODS } from '../../client/index.ts';
import { connectToServer, type ServerOptions } from '../flags/server-connection.ts';
import { containerStatuses } from '../wording/pod-state.ts';
import { explainGoneJob } from './gone-job.ts';
import { explainJob } from './job-explanation.ts';
import { jobNameIn } from './job-target.ts';
import { PodWarnings } from './pod-warnings.ts';

/** Last lines of the failed pod that are shown. */
const LOG_LINES = '10';

/** Options of the verb, as the command line gives them. */
export interface WhyOptions extends ServerOptions {
  readonly namespace: string;
}

/** Explains the Job on standard output; answers the exit code 0, whatever the Job's state. */
export async function why(target: string, options: WhyOptions): Promise<number> {
  const name = jobNameIn(target);
  const connection = await connectToServer(options);
  try {
    const { client } = connection;
    const { namespace } = options;
    const job = await findJob(client, namespace, name);
    if (job === undefined) return 0;
    const matchLabels = job.spec.selector?.matchLabels ?? { [CONTROLLER_UID_LABEL]: job.metadata.uid };
    const labelSelector = Object.entries(matchLabels)
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    const { items } = await client.list<Pod>(PODS, { namespace, labelSelector });
    const own = items.filter((pod) => isControlledBy(pod, job));
    const events = await client.list<Event>(EVENTS, { namespace, fieldSelector: 'type=Warning' });
    const warnings = new PodWarnings(events.items);
    const { sentences, lastFailed } = explainJob(job, own, systemClock.now(), warnings);
    for (const sentence of sentences) process.stdout.write(`${sentence}\n`);
    if (lastFailed !== undefined) await printLastLines(client, lastFailed);
    return 0;
  } finally {
    connection.close();
  }
}

/** The Job; of one that is gone, what is still known is printed. Throws NotFound when nothing is. */
async function findJob(
  client: Client,
  namespace: string,
  name: string,
): Promise<DeepReadonly<Job> | undefined> {
  try {
    return await client.get<Job>(JOBS, namespace, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${name}`;
    const { items } = await client.list<Event>(EVENTS, { namespace, fieldSelector });
    const sentences = explainGoneJob(name, items);
    if (sentences.length === 0) throw error;
    for (const sentence of sentences) process.stdout.write(`${sentence}\n`);
    return undefined;
  }
}

/** Prints what the failed container printed last, where its log is still there. */
async function printLastLines(client: Client, pod: DeepReadonly<Pod>): Promise<void> {
  const { name, namespace = 'default' } = pod.metadata;
  const failed = containerStatuses(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed === undefined) return;
  const chunks: Uint8Array[] = [];
  try {
    const parameters = { container: failed.name, tailLines: LOG_LINES };
    for await (const chunk of await client.logs(namespace, name, parameters)) chunks.push(chunk);
  } catch {
    // Without a log the sentences above are the whole answer.
    return;
  }
  const text = Buffer.concat(chunks).toString('utf8').trimEnd();
  if (text === '') return;
  process.stdout.write(`It printed last:\n${text.replace(/^/gm, '  ')}\n`);
}
