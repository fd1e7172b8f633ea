/**
 * Asks a real Kubernetes and this checkout's server the same made-up requests, and tells where their answers differ.
 *
 *     npm run compare -- --reference KUBECONFIG [--requests 1000] [--seed 1] [--only REGEXP] [--out FILE]
 *
 * Every request is a dry run, so that both servers stay as they are. What the reference takes is kept, to be changed further:
 * so objects grow that are good but for their last change. The same seed makes the same requests of the same reference.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { loadAll } from 'js-yaml';
import { seededRandom } from '../../src/apimachinery/random.ts';
import { certificateRequest } from '../harness/certificate-request.ts';
import { startServer } from '../harness/server.ts';
import { type Difference, firstDifference, madeUp } from './answers.ts';
import { type Json, Mutator } from './mutation.ts';
import { accepted, deleteOptions, readQuery } from './queries.ts';
import { type Answer, type Body, connect, type Server } from './server.ts';
import { type Kind, Kinds, type Structures } from './structures.ts';

/** Objects of a kind that are kept to be changed further. */
const KEPT_MAX = 60;
/** Milliseconds after which controllers have had their look at what was stored. */
const SETTLE_MS = 5_000;
/** Requests under way at a time. */
const AT_A_TIME = 8;

const { values } = parseArgs({
  options: {
    reference: { type: 'string' },
    requests: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '.' },
    out: { type: 'string' },
  },
});
if (values.reference === undefined) throw new Error('--reference KUBECONFIG is needed');

/** A kind with the objects that requests are made from. */
interface Subject {
  readonly kind: Kind;
  readonly structures: Structures;
  readonly kept: Json[];
  /** What the reference took since they were last kept. */
  readonly grown: Json[];
  /** The stored object of each server, when the kind has any. */
  stored?: { readonly reference: Json; readonly ours: Json };
}

interface Servers {
  readonly reference: Server;
  readonly ours: Server;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  readonly reference?: Body | undefined;
  readonly ours?: Body | undefined;
}

interface Found extends Difference {
  readonly asked: string;
  readonly body: string;
  readonly codes: readonly [number, number];
  readonly answers: readonly [Answer, Answer];
}

async function subjects(reference: Server, ours: Server): Promise<Subject[]> {
  const kinds = new Kinds(reference);
  const own = new Kinds(ours);
  const request = await certificateRequest('a', ['b']);
  const text = readFileSync(join(import.meta.dirname, 'samples.yaml'), 'utf8').replace('REQUEST', request);
  const found: Subject[] = [];
  for (const sample of loadAll(text) as { readonly apiVersion: string; readonly kind: string }[]) {
    const { apiVersion, kind: name } = sample;
    if (!new RegExp(values.only).test(`${apiVersion} ${name}`)) continue;
    const [kind, structures] = await kinds.find(apiVersion, name);
    await own.find(apiVersion, name);
    found.push({ kind, structures, kept: [sample as unknown as Json], grown: [] });
  }
  return found;
}

const json = (value: unknown, type = 'application/json'): Body => ({ type, text: JSON.stringify(value) });

/** Stores each sample on both servers, for patches and updates of it. */
async function store(subject: Subject, reference: Server, ours: Server): Promise<void> {
  const { kind, kept } = subject;
  if (!kind.verbs.includes('get')) return;
  const [sample = null] = kept;
  const answers = await Promise.all(
    [reference, ours].map((server) => server.send('POST', kind.path, json(sample))),
  );
  const [left, right] = answers;
  if (left?.code === 201 && right?.code === 201)
    subject.stored = { reference: left.body as Json, ours: right.body as Json };
  else
    console.log(
      `${kind.kind} is not stored: ${JSON.stringify(answers.map(({ body }) => body)).slice(0, 600)}`,
    );
}

/** Reads again what is stored, as the controllers have it now. */
async function refresh(subject: Subject, reference: Server, ours: Server): Promise<void> {
  const { kind, stored } = subject;
  if (stored === undefined) return;
  const path = `${kind.path}/${nameOf(stored.reference)}`;
  const [left, right] = await Promise.all([reference, ours].map((server) => server.send('GET', path)));
  subject.stored = { reference: left?.body as Json, ours: right?.body as Json };
}

/** The parts in which two objects differ, as a merge patch says it (RFC 7386). */
function mergePatch(from: Json, to: Json): Json {
  if (!isObject(from) || !isObject(to)) return to;
  const patch: { [name: string]: Json } = {};
  for (const name of Object.keys(from)) if (!(name in to)) patch[name] = null;
  for (const [name, value] of Object.entries(to)) {
    if (JSON.stringify(from[name]) !== JSON.stringify(value))
      patch[name] = mergePatch(from[name] ?? null, value);
  }
  return patch;
}

function isObject(value: Json): value is { [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function metadataOf(object: Json): { readonly [name: string]: Json } | undefined {
  const { metadata = null } = isObject(object) ? object : {};
  return isObject(metadata) ? metadata : undefined;
}

function metadataText(object: Json, member: string): string {
  const value = metadataOf(object)?.[member];
  return typeof value === 'string' ? value : '';
}

const nameOf = (object: Json): string => metadataText(object, 'name');

/** The same change for both: what the reference gave its object is, in ours, what our server gave. */
function withIdentity(object: Json, stored: { readonly reference: Json; readonly ours: Json }): Json {
  const metadata = metadataOf(object);
  const theirs = metadataOf(stored.reference) ?? {};
  const own = metadataOf(stored.ours) ?? {};
  if (!isObject(object) || metadata === undefined) return object;
  const identity: { [name: string]: Json } = {};
  for (const name of ['uid', 'resourceVersion', 'creationTimestamp'])
    if (metadata[name] === theirs[name] && own[name] !== undefined) identity[name] = own[name];
  return { ...object, metadata: { ...metadata, ...identity } };
}

/** What the reference made up within its object, as our server made it up. */
function withNames(body: Body, stored: { readonly reference: Json; readonly ours: Json }): Body {
  const own = madeUp(JSON.stringify(stored.ours));
  const theirs = madeUp(JSON.stringify(stored.reference));
  const [uid, ownUid] = [stored.reference, stored.ours].map((object) => metadataText(object, 'uid'));
  const text = theirs.reduce((told, name, at) => told.replaceAll(name, own[at] ?? name), body.text);
  return { ...body, text: text.replaceAll(uid ?? '', ownUid ?? '') };
}

const PATCHES = ['application/merge-patch+json', 'application/strategic-merge-patch+json'];

function ask(subject: Subject, mutator: Mutator): { readonly asked: Asked; readonly made: Json } {
  const what = mutator.pick(['write', 'write', 'write', 'write', 'read', 'delete']);
  const { stored } = subject;
  if (what === 'write' || stored === undefined) return askToWrite(subject, mutator);
  return { asked: what === 'read' ? askToRead(subject, mutator) : askToDelete(subject, mutator), made: null };
}

/** A name that is there, or seldom one that is not. */
function someName({ stored }: Subject, mutator: Mutator): string {
  const name = nameOf(stored?.reference ?? null);
  return mutator.chance(0.1) ? mutator.pick(['missing', 'UPPER', 'a%20b', '..']) : name;
}

function askToRead(subject: Subject, mutator: Mutator): Asked {
  const one = mutator.chance(0.3) ? `/${someName(subject, mutator)}` : '';
  const query = readQuery(mutator);
  return { method: 'GET', path: `${subject.kind.path}${one}?${query}`, accept: accepted(mutator) };
}

function askToDelete(subject: Subject, mutator: Mutator): Asked {
  const { path } = subject.kind;
  const one = mutator.chance(0.8) ? `/${someName(subject, mutator)}` : '';
  const query = mutator.pick([
    '',
    '',
    '&propagationPolicy=Orphan',
    '&gracePeriodSeconds=x',
    '&gracePeriodSeconds=0',
  ]);
  const text = deleteOptions(mutator);
  const selected = one === '' ? `&${readQuery(mutator)}` : '';
  const body = text === '' ? undefined : { type: 'application/json', text };
  return {
    method: 'DELETE',
    path: `${path}${one}?dryRun=All${query}${selected}`,
    reference: body,
    ours: body,
  };
}

function askToWrite(subject: Subject, mutator: Mutator): { readonly asked: Asked; readonly made: Json } {
  const { kind, structures, kept, stored } = subject;
  const validation = mutator.pick(['', '', '&fieldValidation=Strict', '&fieldValidation=Ignore']);
  const query = `?dryRun=All&fieldManager=compare${validation}`;
  const changes = mutator.pick([1, 1, 1, 2, 2, 3, 5]);
  if (stored === undefined || mutator.chance(0.5)) {
    const made = mutator.changed(mutator.pick(kept), kind.structure, structures, changes);
    const body = json(made);
    return { asked: { method: 'POST', path: kind.path + query, reference: body, ours: body }, made };
  }
  const made = mutator.changed(stored.reference, kind.structure, structures, changes);
  const name = (stored.reference as { metadata: { name: string } }).metadata.name;
  const path = `${kind.path}/${name}`;
  const subresource = mutator.chance(0.15) && kind.structure !== undefined ? '/status' : '';
  if (mutator.chance(0.4)) {
    const asked = {
      method: 'PUT',
      path: path + subresource + query,
      reference: json(made),
      ours: withNames(json(withIdentity(made, stored)), stored),
    };
    return { asked, made };
  }
  if (mutator.chance(0.3)) {
    const { apiVersion, kind: kindName } = kind;
    const applied = mutator.changed(mutator.pick(kept), kind.structure, structures, changes);
    const body = json(
      isObject(applied) ? { ...applied, apiVersion, kind: kindName } : applied,
      'application/apply-patch+yaml',
    );
    const force = mutator.chance(0.5) ? '&force=true' : '';
    return {
      asked: { method: 'PATCH', path: path + subresource + query + force, reference: body, ours: body },
      made,
    };
  }
  const body = json(mergePatch(stored.reference, made), mutator.pick(PATCHES));
  const ours = withNames(body, stored);
  return { asked: { method: 'PATCH', path: path + subresource + query, reference: body, ours }, made };
}

async function compareOnce(
  subject: Subject,
  asked: Asked,
  made: Json,
  servers: Servers,
): Promise<Found | undefined> {
  const { method, path, accept, reference: body } = asked;
  const [left, right] = await Promise.all([
    servers.reference.send(method, path, body, accept),
    servers.ours.send(method, path, asked.ours, accept),
  ]);
  const difference = firstDifference(left, right, body?.text ?? '');
  if (method === 'POST' && left.code === 201) subject.grown.push(made);
  if (difference === undefined) return undefined;
  return {
    asked: `${method} ${path} (${body?.type ?? accept})`,
    body: body?.text ?? '',
    codes: [left.code, right.code],
    answers: [left, right],
    ...difference,
  };
}

/** What the reference took joins what is kept, in an order that does not hang on who answered first. */
function keep(subject: Subject, mutator: Mutator): void {
  const grown = subject.grown.splice(0).map((made) => JSON.stringify(made));
  for (const text of grown.sort()) {
    const { kept } = subject;
    // The sample itself stays.
    if (kept.length >= KEPT_MAX) kept.splice(kept.indexOf(mutator.pick(kept.slice(1))), 1);
    kept.push(JSON.parse(text) as Json);
  }
}

async function compare(servers: Servers): Promise<readonly Found[]> {
  const { reference, ours } = servers;
  const all = await subjects(reference, ours);
  for (const subject of all) await store(subject, reference, ours);
  await pause(SETTLE_MS);
  for (const subject of all) await refresh(subject, reference, ours);
  const mutator = new Mutator(seededRandom(Number(values.seed)));
  const found: Found[] = [];
  try {
    for (let left = Number(values.requests); left > 0; left -= AT_A_TIME) {
      const together = Array.from({ length: Math.min(left, AT_A_TIME) }, () => {
        const subject = mutator.pick(all);
        return { subject, ...ask(subject, mutator) };
      });
      const differences = await Promise.all(
        together.map(({ subject, asked, made }) => compareOnce(subject, asked, made, servers)),
      );
      found.push(...differences.filter((difference) => difference !== undefined));
      for (const { subject } of together) keep(subject, mutator);
    }
  } finally {
    for (const { kind, stored } of all) {
      if (stored === undefined) continue;
      const { name } = (stored.reference as { metadata: { name: string } }).metadata;
      const patch = json({ metadata: { finalizers: null } }, 'application/merge-patch+json');
      await reference.send('PATCH', `${kind.path}/${name}`, patch);
      await reference.send('DELETE', `${kind.path}/${name}?gracePeriodSeconds=0`);
    }
  }
  return found;
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};

async function main(kubeconfig: string): Promise<void> {
  await using server = await startServer(['--runtime', 'none']);
  const [reference, ours] = await Promise.all([connect(kubeconfig), connect(server.kubeconfig)]);
  try {
    const found = await compare({ reference, ours });
    for (const { asked, path, reference: theirs, ours: own } of found)
      console.log(`${asked}\n  at ${path}\n  reference: ${short(theirs)}\n  longshore: ${short(own)}`);
    console.log(`${found.length} of ${values.requests} answers differ (seed ${values.seed})`);
    if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(found, null, 1));
    process.exitCode = found.length === 0 ? 0 : 1;
  } finally {
    reference.close();
    ours.close();
  }
}

await main(values.reference);
