/**
 * Differences between two texts, line by line, as Python's difflib finds them (Ratcliff and Obershelp): the longest run
 * of common lines first, then left and right of it. Kubernetes shows such diffs in messages about immutable pods.
 */

interface Match {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Change {
  readonly equal: boolean;
  readonly a1: number;
  readonly a2: number;
  readonly b1: number;
  readonly b2: number;
}

/** Lines of context around a change. */
const CONTEXT = 3;
/** From this many lines on, lines that make up more than a hundredth of the text do not start a match. */
const POPULARITY_FROM = 200;

/**
 * Lines up to which the runs of common lines are searched for, which takes the square of them: many times what a pod has.
 * Beyond, all that lies between the first and the last difference counts as one change.
 */
const SEARCHED_LINES_MAX = 4000;
/** Letters after which a difference breaks off: as much as an answer tells of anything. */
const LETTERS_MAX = 256 * 1024;

/** A unified diff without file names; empty when the texts are the same. */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n');
  const b = after.split('\n');
  let text = '';
  const found = a.length + b.length > 2 * SEARCHED_LINES_MAX ? oneChange(a, b) : changes(a, b);
  for (const group of grouped(found)) {
    const first = group[0];
    const last = group.at(-1);
    if (!first || !last) continue;
    text += `@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n`;
    for (const { equal, a1, a2, b1, b2 } of group) {
      if (equal)
        text += a
          .slice(a1, a2)
          .map((line) => ` ${line}\n`)
          .join('');
      else {
        text += a
          .slice(a1, a2)
          .map((line) => `-${line}\n`)
          .join('');
        text += b
          .slice(b1, b2)
          .map((line) => `+${line}\n`)
          .join('');
      }
    }
  }
  return text.length > LETTERS_MAX ? `${text.slice(0, LETTERS_MAX)}...\n` : text;
}

/** The texts as what they have in common at the beginning, one change, and what they have in common at the end. */
function oneChange(a: readonly string[], b: readonly string[]): Change[] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [a2, b2] = [a.length - end, b.length - end];
  const parts: readonly Change[] = [
    { equal: true, a1: 0, a2: start, b1: 0, b2: start },
    { equal: false, a1: start, a2, b1: start, b2 },
    { equal: true, a1: a2, a2: a.length, b1: b2, b2: b.length },
  ];
  return parts.filter((part) => part.a1 < part.a2 || part.b1 < part.b2);
}

function range(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

function positions(b: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  b.forEach((line, index) => {
    const list = found.get(line);
    if (list) list.push(index);
    else found.set(line, [index]);
  });
  if (b.length >= POPULARITY_FROM) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [line, list] of found) if (list.length > most) found.delete(line);
  }
  return found;
}

function longest(
  a: readonly string[],
  b: readonly string[],
  index: ReadonlyMap<string, readonly number[]>,
  [a1, a2, b1, b2]: readonly [number, number, number, number],
): Match {
  let best: Match = { a: a1, b: b1, size: 0 };
  let lengths = new Map<number, number>();
  for (let at = a1; at < a2; at++) {
    const next = new Map<number, number>();
    for (const position of index.get(a[at] ?? '') ?? []) {
      if (position < b1) continue;
      if (position >= b2) break;
      const size = (lengths.get(position - 1) ?? 0) + 1;
      next.set(position, size);
      if (size > best.size) best = { a: at - size + 1, b: position - size + 1, size };
    }
    lengths = next;
  }
  let { a: startA, b: startB, size } = best;
  while (startA > a1 && startB > b1 && a[startA - 1] === b[startB - 1]) {
    startA--;
    startB--;
    size++;
  }
  while (startA + size < a2 && startB + size < b2 && a[startA + size] === b[startB + size]) size++;
  return { a: startA, b: startB, size };
}

function matches(a: readonly string[], b: readonly string[]): Match[] {
  const index = positions(b);
  const found: Match[] = [];
  const open: (readonly [number, number, number, number])[] = [[0, a.length, 0, b.length]];
  for (let area = open.pop(); area; area = open.pop()) {
    const match = longest(a, b, index, area);
    if (match.size === 0) continue;
    found.push(match);
    const [a1, a2, b1, b2] = area;
    if (a1 < match.a && b1 < match.b) open.push([a1, match.a, b1, match.b]);
    if (match.a + match.size < a2 && match.b + match.size < b2) {
      open.push([match.a + match.size, a2, match.b + match.size, b2]);
    }
  }
  return found.sort((one, other) => one.a - other.a);
}

function changes(a: readonly string[], b: readonly string[]): Change[] {
  const found: Change[] = [];
  let atA = 0;
  let atB = 0;
  for (const match of [...matches(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (atA < match.a || atB < match.b)
      found.push({ equal: false, a1: atA, a2: match.a, b1: atB, b2: match.b });
    atA = match.a + match.size;
    atB = match.b + match.size;
    const last = found.at(-1);
    if (match.size === 0) continue;
    if (last?.equal) found[found.length - 1] = { ...last, a2: atA, b2: atB };
    else found.push({ equal: true, a1: match.a, a2: atA, b1: match.b, b2: atB });
  }
  return found;
}

/** Groups of changes that lie no more than two contexts apart, each with its context around it. */
function grouped(all: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  let group: Change[] = [];
  all.forEach((change, index) => {
    if (!change.equal) {
      group.push(change);
      return;
    }
    const { a1, a2, b1, b2 } = change;
    const first = index === 0;
    const last = index === all.length - 1;
    if (!first && (last || a2 - a1 > 2 * CONTEXT)) {
      group.push({ equal: true, a1, a2: Math.min(a2, a1 + CONTEXT), b1, b2: Math.min(b2, b1 + CONTEXT) });
      groups.push(group);
      group = [];
      if (last) return;
    } else if (!first) {
      group.push(change);
      return;
    }
    if (last) return;
    group.push({ equal: true, a1: Math.max(a1, a2 - CONTEXT), a2, b1: Math.max(b1, b2 - CONTEXT), b2 });
  });
  if (group.some((change) => !change.equal)) groups.push(group);
  return groups;
}
