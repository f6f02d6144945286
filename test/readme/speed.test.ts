/** Speeds depend on the machine: what the README says of them is what was measured last, and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const [readme, results, bench] = ['README.md', 'bench/RESULTS.md', 'bench/exploring.ts'].map(read) as [
  string,
  string,
  string,
];

describe('the speed of the closed form', () => {
  it("beside SimDIT's Python is the same in README, benchmark and its last figures", () => {
    const [milliseconds, cyclesAlone, allColumns] =
      /SimDIT's Python, which takes ([\d.]+) ms a point, it is (\d+) times as fast for cycles alone and (\d+) times for all columns/
        .exec(readme)!
        .slice(1);
    expect(
      /took ([\d.]+) ms a point.*: (\d+) times as long as cycles alone, (\d+) times/.exec(results)!.slice(1),
    ).toEqual([milliseconds, cyclesAlone, allColumns]);
    expect([milliseconds, cyclesAlone, allColumns]).toEqual(['5.2', '136', '31']);
    expect(Number(/SIMDIT_MICROSECONDS = ([\d_]+)/.exec(bench)![1]!.replace('_', ''))).toBe(
      1000 * Number(milliseconds),
    );
  });

  it('on a point not seen before is the last one measured', () => {
    const stated = /takes (\d+) µs on hardware not seen before/.exec(readme)![1];
    expect(/not seen before, tiling included, identical layers once, cycles only \| (\d+) µs/.exec(results)![1]).toBe(
      stated,
    );
  });
});
