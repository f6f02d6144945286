/**
 * What a hunt's cases cost on one core, in processor time:
 *   node dist/bench/bench/hunting.js [ROUNDS]
 * Layers on hardware of their own on the machine, which is built for each; whole searches, in which cases are drawn,
 * read, tiled and held against the formula as well.
 */
import { readFileSync } from 'node:fs';
import seedrandom from 'seedrandom';
import { parseFormula } from '../src/model/formulas/parseFormula.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import { drawPoint } from '../src/studies/hunt/draw.ts';
import { caseOf, type HuntCase } from '../src/studies/hunt/huntCase.ts';
import { huntedOperations } from '../src/studies/hunt/operations.ts';
import { searchFrom } from '../src/studies/hunt/search.ts';
import { DEFAULT_SPANS, spaceOf } from '../src/studies/hunt/space.ts';
import { type Trial, verdictOn } from '../src/studies/hunt/verdict.ts';

const ROUNDS = Number(process.argv[2] ?? '11');
const CASES = 1000;

const file = 'hw/formulas/published.formula.json';
const formula = parseFormula(JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')), file);
const trial: Trial = { formula, column: 'cycles', assumptions: HARDWARE, side: 'either', domain: () => true };
const spaces = huntedOperations().map((operation) => spaceOf(operation, DEFAULT_SPANS, false));
const conv = spaces.find(({ operation }) => operation.op === 'conv')!;

const random = seedrandom('hunting');
/** Cases of all operations, half of them convs as in a hunt. */
const drawn: HuntCase[] = [];
while (drawn.length < CASES) {
  const space = drawn.length % 2 === 0 ? conv : spaces[drawn.length % spaces.length]!;
  const found = caseOf(space, drawPoint(random, space));
  if (found !== undefined) drawn.push(found);
}

/** Processor time in microseconds. */
function timed(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const machine: number[] = [];
const searches: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  machine.push(
    timed(() => {
      for (const each of drawn) verdictOn(trial, each);
    }) / CASES,
  );
  searches.push(timed(() => searchFrom(`${round}`, CASES, trial, conv)) / CASES);
}
const sorted = (values: number[]): number[] => [...values].sort((a, b) => a - b);
const line = (name: string, values: number[]): string => {
  const [median, minimum] = [sorted(values)[values.length >> 1]!, sorted(values)[0]!];
  return `  ${name.padEnd(44)} ${Math.round(1e6 / median)} a second, at most ${Math.round(1e6 / minimum)} (median ${median.toFixed(0)} µs)`;
};
console.log(
  [
    'Cases of a hunt, processor time on one core:',
    line('simulated layers and the published formula', machine),
    line('cases of whole searches with convs', searches),
  ].join('\n'),
);
