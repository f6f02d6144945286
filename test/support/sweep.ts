/** Sweeps for tests, run as a user would run them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SweepReport } from '../../src/views/report/sweepReport.ts';
import { systole, temporaryFile, temporaryFolder } from './cli.ts';

/** ResNet-18 on HI1 with 3 · 3 · 2 sizes and bandwidths. */
export const SMALL = {
  name: 'small',
  hardware: 'HI1',
  workload: 'resnet18',
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 64, to: 192, step: 64 },
    'bitsPerCycle.vmem': [64, 128],
  },
  constraints: ['sramKiB.wbuf + sramKiB.ibuf < 160 || bitsPerCycle.psum > 64'],
};

/** What a sweep leaves in its folder. */
export const FILES = ['heat-map.svg', 'pareto.svg', 'points.csv', 'points.parquet', 'result.json', 'sensitivity.svg'];

const plane = { H: 32, W: 32 };
const sliding = { stride: 1, padding: 1, bias: true };
const kernel = { KH: 3, KW: 3, OH: 32, OW: 32 };

/** Three layers on both arrays: for sweeps of which only the number of evaluations or of rows matters. */
const SMALL_NETWORK = {
  name: 'three layers',
  input: { C: 3, ...plane },
  layers: [
    { name: 'first', op: 'conv', inputs: ['input'], dimensions: { OC: 64, IC: 3, ...kernel }, ...sliding },
    { name: 'relu', op: 'relu', inputs: ['first'], dimensions: { C: 64, ...plane } },
    { name: 'second', op: 'conv', inputs: ['relu'], dimensions: { OC: 128, IC: 64, ...kernel }, ...sliding },
  ],
};

/** Many evaluations, each a simulation and a line of the journal: 3 · 3 · 12 choices for the systolic array, 2 for the SIMD array. */
export const LONG = {
  ...SMALL,
  workload: temporaryFile('network.json', SMALL_NETWORK),
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'sramKiB.ibuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 16, to: 192, step: 16 },
    'bitsPerCycle.vmem': [64, 128],
  },
  constraints: [],
  model: 'simulated',
  objectives: ['cycles', 'totalSramKiB'],
  rerank: { top: 20, model: 'closed-form' },
  plots: 'none',
};

/** 9,999 points, all of which need the same evaluation: neither the instruction memory nor the clock decides cycles. */
export const MANY_ROWS = {
  ...SMALL,
  workload: LONG.workload,
  parameters: {
    'sramKiB.imem': { from: 1, to: 3_333, step: 1 },
    clockPicoseconds: { from: 1000, to: 1200, step: 100 },
  },
  constraints: [],
  plots: 'none',
};

/** All files of a folder, by name. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}

/** Of threads that share the work one is enough for what is small: each has to warm up. */
export const ONE_THREAD = ['--workers', '1'] as const;

/** A sweep to its end, in a folder of its own unless told otherwise. */
export function sweep(spec: unknown, ...args: string[]) {
  const folder = join(temporaryFolder(), 'out');
  const threads = args.includes('--workers') ? [] : ONE_THREAD;
  return { ...systole('sweep', temporaryFile('sweep.json', spec), '-o', folder, ...threads, ...args), folder };
}

/** What a sweep has written into its folder. */
export function resultOf(folder: string): SweepReport & Required<Pick<SweepReport, 'best' | 'worst'>> {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as ReturnType<typeof resultOf>;
}
