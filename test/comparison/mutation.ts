/** Changes objects a little, by chance and by what their fields are. */
import { type Random, randomSuffix } from '../../src/apimachinery/random.ts';
import type { Structure, Structures } from './structures.ts';

/** JSON that may be changed in place. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Texts that mean something to some field or other, and some that mean nothing to any. */
const TEXTS: readonly string[] = [
  '', 'a', 'A', 'a-b', '-a', 'a_b', 'a.b', 'a/b', 'a.example/b', 'x'.repeat(64), 'y'.repeat(254), ' a', 'a b', 'ä', '\n', '%', '$(A)',
  '0', '1', '-1', '1.5', '100m', '1Gi', '1e3', '0.5m', '12Ex', '50%', '101%', '10s', '-10s', '1h', 'true', 'null',
  '10.0.0.1', '010.0.0.1', '::1', '2001:db8::/32', '10.0.0.0/8', '256.1.1.1', 'localhost', 'a.example.com.',
  '/', '/a', '/a/../b', '../a', 'a//b', '.', '..', '/proc', 'C:\\a', '*', '*/*', 'http', 'https://a.example',
  '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123456Z', '2026-02-30T00:00:00Z', 'Zm9v', 'Zm9', '====',
  'Always', 'Never', 'OnFailure', 'Exists', 'In', 'NotIn', 'DoesNotExist', 'Gt', 'Equal', 'TCP', 'SCTP', 'None', 'Default',
  'ClusterFirst', 'ReadWriteOnce', 'ReadWriteOncePod', 'Delete', 'Recycle', 'Cluster', 'Local', 'ClientIP', 'NodePort', 'ExternalName',
  'LoadBalancer', 'NoExecute', 'Memory', 'HugePages', 'Bidirectional', 'Localhost', 'Unconfined', 'RuntimeDefault', 'User', 'Group',
  'ServiceAccount', 'batch', 'jobs', 'pods', 'get', 'cpu', 'memory', 'hugepages-2Mi', 'requests.cpu', 'limits.memory', 'count/jobs.batch',
  'example.com/device', 'kubernetes.io/hostname', 'metadata.name', 'metadata.labels', "metadata.labels['a']", 'spec.nodeName',
  'status.podIP', 'status.hostIPs', 'requests.memory', 'limits.cpu', '* * * * *', '@hourly', '61 * * * *', '@every 1h', 'TZ=UTC * * * * *',
  'Europe/Berlin', 'Mars/Olympus', 'Local', 'UTC', 'kubernetes.io/tls', 'kubernetes.io/service-account-token', '0-3', '1,3-5', '5-1',
]; // biome-ignore format: a table
const NUMBERS: readonly number[] = [
  0, 1, 2, 3, 5, 10, 80, 100, 101, 420, 512, 1000, 3600, 65_535, 65_536, 100_000, 100_001, 1e9, 2_147_483_647,
  2_147_483_648, -1, -5, 9_007_199_254_740_991,
];
/** Deepest level to which a new part is made up. */
const DEPTH_MAX = 4;

/** Draws changes from a seed. */
export class Mutator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A copy of the object with so many changes. */
  changed(object: Json, structure: Structure, structures: Structures, changes: number): Json {
    const copy = structuredClone(object);
    for (let made = 0; made < changes; made++) this.#change(copy, structures.resolve(structure), structures);
    return copy;
  }

  /** One of them. @throws when there is none */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random.fraction() * items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }

  /** Whether something of that probability happens. */
  chance(probability: number): boolean {
    return this.#random.fraction() < probability;
  }

  /** Goes down from the top to a place that chance chooses, and changes it. */
  #change(value: Json, structure: Structure, structures: Structures): void {
    if (Array.isArray(value)) {
      const items = structures.resolve(structure.items ?? {});
      const at = Math.floor(this.#random.fraction() * value.length);
      const item = value[at];
      if (item !== undefined && isParent(item) && this.chance(0.75)) this.#change(item, items, structures);
      else this.#changeList(value, at, items, structures);
      return;
    }
    if (value === null || typeof value !== 'object') return;
    const { properties, additionalProperties } = structure;
    if (properties === undefined) {
      this.#changeMap(
        value,
        typeof additionalProperties === 'object' ? additionalProperties : {},
        structures,
      );
      return;
    }
    const present = Object.keys(value).filter(
      (name) => !['apiVersion', 'kind'].includes(name) || this.chance(0.02),
    );
    const parents = present.filter(
      (name) => isParent(value[name] ?? null) && !(name === 'metadata' && this.chance(0.7)),
    );
    const deeper = parents.length > 0 && this.chance(0.7) ? this.pick(parents) : undefined;
    if (deeper !== undefined) {
      this.#change(value[deeper] ?? null, structures.resolve(properties[deeper] ?? {}), structures);
      return;
    }
    this.#changeField(value, present, properties, structures);
  }

  #changeField(
    value: { [name: string]: Json },
    present: readonly string[],
    properties: Readonly<Record<string, Structure>>,
    structures: Structures,
  ): void {
    const what = this.#random.fraction();
    if (what < 0.15 && present.length > 0) delete value[this.pick(present)];
    else if (what < 0.5 && present.length > 0) {
      const name = this.pick(present);
      value[name] = this.#made(structures.resolve(properties[name] ?? {}), structures, 0);
    } else if (what < 0.96 && Object.keys(properties).length > 0) {
      const name = this.pick(Object.keys(properties));
      value[name] = this.#made(structures.resolve(properties[name] ?? {}), structures, 0);
    } else if (what < 0.98 && present.length > 0) value[this.pick(present)] = null;
    else value[this.pick(['unknown', 'Spec', 'NAME'])] = this.pick(TEXTS);
  }

  #changeList(value: Json[], at: number, items: Structure, structures: Structures): void {
    const what = this.#random.fraction();
    if (what < 0.2 && value.length > 0) value.splice(at, 1);
    else if (what < 0.45 && value.length > 0) value.push(structuredClone(value[at] ?? null));
    else if (what < 0.55 && value.length > 1) value.reverse();
    else if (what < 0.75 && value.length > 0) value[at] = this.#made(items, structures, 1);
    else value.push(this.#made(items, structures, 1));
  }

  #changeMap(value: { [name: string]: Json }, structure: Structure, structures: Structures): void {
    const names = Object.keys(value);
    const name = names.length > 0 && this.chance(0.5) ? this.pick(names) : this.pick(TEXTS);
    if (this.chance(0.2)) delete value[name];
    else value[name] = this.#made(structures.resolve(structure), structures, 1);
  }

  /** A value of that structure, seldom of another. */
  #made(structure: Structure, structures: Structures, depth: number): Json {
    if (this.chance(0.01)) return this.pick<Json>([null, true, 1, 'text', [], {}]);
    if (structure.enum !== undefined && this.chance(0.85)) return this.pick(structure.enum);
    const { type = structure.oneOf?.length ? this.pick(['string', 'number', 'integer']) : undefined } =
      structure;
    if (type === 'boolean') return this.chance(0.5);
    if (type === 'integer') return this.pick(NUMBERS);
    if (type === 'number') return this.chance(0.5) ? this.pick(NUMBERS) : this.#random.fraction();
    if (type === 'string' || type === undefined) return this.#text();
    if (type === 'array') {
      const length = depth > DEPTH_MAX ? 0 : this.pick([0, 1, 1, 1, 2]);
      const items = structures.resolve(structure.items ?? {});
      return Array.from({ length }, () => this.#made(items, structures, depth + 1));
    }
    return this.#madeObject(structure, structures, depth);
  }

  #text(): string {
    return this.chance(0.15) ? `n-${randomSuffix(this.#random)}` : this.pick(TEXTS);
  }

  #madeObject({ properties, additionalProperties }: Structure, structures: Structures, depth: number): Json {
    if (properties === undefined) {
      if (depth > DEPTH_MAX) return {};
      const of = structures.resolve(typeof additionalProperties === 'object' ? additionalProperties : {});
      const names = Array.from({ length: this.pick([0, 1, 1, 2]) }, () => this.pick(TEXTS));
      return Object.fromEntries(names.map((name) => [name, this.#made(of, structures, depth + 1)]));
    }
    const names = Object.keys(properties);
    // Unions such as a volume's source have many members of which few may be there at a time.
    const probability = Math.min(0.9, 2.5 / names.length);
    const made: { [name: string]: Json } = {};
    for (const name of names) {
      if (depth <= DEPTH_MAX && this.chance(name === 'name' || name === 'key' ? 0.9 : probability))
        made[name] = this.#made(structures.resolve(properties[name] ?? {}), structures, depth + 1);
    }
    return made;
  }
}

function isParent(value: Json): boolean {
  return value !== null && typeof value === 'object';
}
