/**
 * What a formula file costs, on one core:
 *   node dist/bench/bench/formulas.js [ROUNDS]
 * The published closed form as a file beside the same in code, on all layers of ResNet-50 on HI3; interleaved, in
 * processor time.
 */
import { readFileSync } from 'node:fs';
import { closedForm, closedFormCycles } from '../src/model/analytical/closedForm.ts';
import { parseFormula } from '../src/model/formulas/parseFormula.ts';
import { presetLayers } from './layers.ts';
import { median, sorted } from './statistics.ts';

const ROUNDS = Number(process.argv[2] ?? '21');
const WARM_UP_ROUNDS = 5;
const PASSES = 200;

const file = 'hw/formulas/published.formula.json';
const value = JSON.parse(readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')) as unknown;
const { hardware, layers } = presetLayers('resnet50', 'HI3');
const formula = parseFormula(value, file).on(hardware);

let total = 0;
const CONTENDERS = {
  'file, cycles': () => {
    for (const layer of layers) total += formula.column(layer, 'cycles')!;
  },
  'code, cycles': () => {
    for (const layer of layers) total += closedFormCycles(layer, hardware, 'published').computeCycles;
  },
  'file, all columns': () => {
    for (const layer of layers) total += formula.evaluate(layer)!.cycles;
  },
  'code, all columns': () => {
    for (const layer of layers) total += closedForm(layer, hardware, 'published').totalCycles;
  },
} as const;

/** Milliseconds of the processor that a call takes. */
function processorTime(call: () => void): number {
  const before = process.cpuUsage();
  call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const rates = new Map<string, number[]>(Object.keys(CONTENDERS).map((name) => [name, []]));
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
  for (const [name, pass] of Object.entries(CONTENDERS)) {
    const milliseconds = processorTime(() => {
      for (let each = 0; each < PASSES; each++) pass();
    });
    if (round >= 0) rates.get(name)!.push((1000 * PASSES * layers.length) / milliseconds);
  }
}
console.log(`layer evaluations a second, ${ROUNDS} rounds: median, best`);
for (const [name, all] of rates) {
  console.log(
    `${name}: ${Math.round(median(all)).toLocaleString('en-US')}, ${Math.round(sorted(all).at(-1)!).toLocaleString('en-US')}`,
  );
}
console.log(`(checksum ${total})`);
