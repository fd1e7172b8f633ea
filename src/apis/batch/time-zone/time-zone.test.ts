import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePosixRule } from './posix-rule.ts';
import { fromTemporal, TimeZone } from './time-zone.ts';
import { parseZoneFile } from './zone-file.ts';

const seconds = (text: string): number => Date.parse(text) / 1000;

test('a zone is known by its exact name alone', () => {
  assert.equal(TimeZone.load('Europe/Berlin').offsetAt(seconds('2026-07-01T00:00:00Z')), 7200);
  assert.equal(TimeZone.load('').name, 'UTC');
  for (const name of ['europe/berlin', 'Mars/Olympus', '+01', 'Eur', 'a\0b']) {
    assert.throws(() => TimeZone.load(name), { message: `unknown time zone ${name}` });
  }
  for (const name of ['Europe', 'America/Argentina']) {
    assert.throws(() => TimeZone.load(name), { message: 'is a directory' });
  }
  for (const name of ['../UTC', '/etc/localtime', '\\UTC']) {
    assert.throws(() => TimeZone.load(name), { message: 'time: invalid location name' });
  }
});

test('a span begins at its clock change and ends before the next', () => {
  for (const rules of [TimeZone.load('Europe/Berlin'), fromTemporal('Europe/Berlin')]) {
    const change = seconds('2026-03-29T01:00:00Z');
    const end = seconds('2026-10-25T01:00:00Z');
    assert.deepEqual(rules.spanAt(change), { start: change, end, offset: 7200 });
    assert.equal(rules.spanAt(change - 1).offset, 3600);
    assert.equal(rules.spanAt(end).offset, 3600);
  }
});

test('a POSIX rule gives the offsets that its zone has', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Berlin'],
    ['EST5EDT,M3.2.0,M11.1.0', 'America/New_York'],
    ['<+1030>-10:30<+11>-11,M10.1.0,M4.1.0', 'Australia/Lord_Howe'],
    ['IST-1GMT0,M10.5.0,M3.5.0/1', 'Europe/Dublin'],
    ['<+0545>-5:45', 'Asia/Kathmandu'],
    ['<-02>2<-01>,M3.5.0/-1,M10.5.0/0', 'America/Nuuk'],
  ];
  for (const [rule, name] of cases) {
    const [parsed, known] = [parsePosixRule(rule), fromTemporal(name)];
    assert.ok(parsed);
    for (let at = seconds('2030-01-01T00:30:00Z'); at < seconds('2032-01-01T00:00:00Z'); at += 6 * 3600) {
      assert.equal(parsed.spanAt(at).offset, known.spanAt(at).offset, `${name} at ${at}`);
    }
  }
});

test('days of the year count with and without leap days', () => {
  const at = (text: string): number => seconds(`${text}T12:00:00Z`);
  const withoutLeaps = parsePosixRule('AAA0BBB,J60/0,J61/0');
  assert.equal(withoutLeaps?.spanAt(at('2028-03-01')).offset, 3600);
  assert.equal(withoutLeaps?.spanAt(at('2028-02-29')).offset, 0);
  const withLeaps = parsePosixRule('AAA0BBB,59/0,60/0');
  assert.equal(withLeaps?.spanAt(at('2028-02-29')).offset, 3600);
  assert.equal(withLeaps?.spanAt(at('2027-03-01')).offset, 3600);
  assert.equal(parsePosixRule('no rule'), undefined);
});

test('bytes that are no zone file are none', () => {
  assert.equal(parseZoneFile(new Uint8Array(0)), undefined);
  assert.equal(parseZoneFile(new TextEncoder().encode('TZif'.padEnd(44, '2'))), undefined);
  const truncated = new Uint8Array(88);
  truncated.set(new TextEncoder().encode('TZif2'));
  assert.equal(parseZoneFile(truncated), undefined);
});
