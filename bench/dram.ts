/**
 * The controller alone on one HBM2 channel, in requests per second, its memory against the number of requests, and the
 * machine on a stack of HBM2:
 *   node dist/bench/bench/dram.js
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { replay } from '../src/model/dram/replay.ts';
import { requestsOf } from '../src/model/dram/requestRules.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import { type DramSpec, parseDram } from '../src/model/schemas/dram.ts';
import { IN_ORDER, type RequestRule } from '../src/model/schemas/requestRule.ts';
import { presetLayers } from './layers.ts';

const MILLION = 1_000_000;
const ROUNDS = 9;
const WARM_UP_ROUNDS = 3;
const GIGABYTE_IN_BURSTS = 1 << 24;

function hbm2(): DramSpec {
  const file = fileURLToPath(new URL('../../../hw/dram/HBM2.json', import.meta.url));
  return parseDram(JSON.parse(readFileSync(file, 'utf8')), file);
}

function oneChannel(): DramSpec {
  const spec = hbm2();
  return { ...spec, organization: { ...spec.organization, channels: 1 } };
}

const RULES: Readonly<Record<string, (count: number) => RequestRule>> = {
  sequential: (count) => ({ kind: 'linear', base: 0, stride: 64, count, op: 'R' }),
  random: (count) => ({ kind: 'random', seed: 1, base: 0, span_bursts: GIGABYTE_IN_BURSTS, count, writes_per_256: 0 }),
};

/** Milliseconds that a replay takes. */
function time(spec: DramSpec, rule: RequestRule): number {
  const start = performance.now();
  const run = replay(spec, requestsOf(rule, spec), IN_ORDER);
  let step = run.next();
  while (step.done !== true) step = run.next();
  if (step.value.requests !== (rule as { count: number }).count) throw new Error('requests were lost');
  return performance.now() - start;
}

/** Milliseconds that a network takes on the machine, and the bursts that it moves. */
function timeMachine(
  network: string,
  hardwareName: string,
): { readonly milliseconds: number; readonly bursts: number } {
  const { hardware, layers } = presetLayers(network, hardwareName);
  const dram = { kind: 'banked', spec: hbm2(), layout: 'tiles', sharing: 'shared' } as const;
  const start = performance.now();
  const machine = new Machine(hardware, { dram });
  const bursts = layers.reduce((sum, layer) => sum + machine.run(layer, HARDWARE).memory!.bursts, 0);
  return { milliseconds: performance.now() - start, bursts };
}

/** This file again as a process of its own, so that what is measured is not compiled for what was measured before. */
function print(...args: readonly string[]): void {
  process.stdout.write(
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' }).stdout,
  );
}

function printRates(ruleName: string): void {
  const times = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, () => time(oneChannel(), RULES[ruleName]!(MILLION)))
    .slice(WARM_UP_ROUNDS)
    .sort((a, b) => a - b);
  const rate = (milliseconds: number): string => (MILLION / milliseconds / 1000).toFixed(2);
  const rates = `median ${rate(times[ROUNDS >> 1]!)}, best ${rate(times[0]!)} M requests/s`;
  console.log(`a million ${ruleName} reads, one HBM2 channel: ${rates}`);
}

function printMemory(ruleName: string, count: number): void {
  time(oneChannel(), RULES[ruleName]!(count));
  console.log(`  ${count} ${ruleName} requests: peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

const [ruleName, count] = process.argv.slice(2);
if (ruleName !== undefined && count === undefined) printRates(ruleName);
else if (ruleName !== undefined) printMemory(ruleName, Number(count));
else {
  for (const name of Object.keys(RULES)) {
    print(name);
    for (const requests of [MILLION, 8 * MILLION]) print(name, `${requests}`);
  }
  const runs = Array.from({ length: 1 + ROUNDS }, () => timeMachine('resnet50', 'HI3'));
  const [first, ...later] = runs.map(({ milliseconds }) => milliseconds) as [number, ...number[]];
  const [best] = later.sort((a, b) => a - b) as [number];
  const { bursts } = runs[0]!;
  console.log(
    `ResNet-50 on HI3 over HBM2, ${bursts} bursts: ${first.toFixed(0)} ms the first time, best ${best.toFixed(0)} ms after that, ${(bursts / best / 1000).toFixed(1)} M bursts/s`,
  );
}
