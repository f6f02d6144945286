/** Sweeps for tests, run as a user would run them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { SweepReport } from '../../src/views/report/sweepReport.ts';
import { root, systole, temporaryFile, temporaryFolder } from './cli.ts';

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

/** Enough to simulate that a kill comes in between: 3 · 3 · 23 choices for the systolic array, 2 for the SIMD array. */
export const LONG = {
  ...SMALL,
  parameters: {
    'sramKiB.wbuf': { from: 32, to: 128, factor: 2 },
    'sramKiB.ibuf': { from: 32, to: 128, factor: 2 },
    'bitsPerCycle.psum': { from: 16, to: 192, step: 8 },
    'bitsPerCycle.vmem': [64, 128],
  },
  constraints: [],
  model: 'simulated',
  objectives: ['cycles', 'totalSramKiB'],
  rerank: { top: 20, model: 'closed-form' },
};

/** 100,000 points, all of which need the same evaluation: neither the instruction memory nor the clock decides cycles. */
export const MANY_ROWS = {
  ...SMALL,
  parameters: {
    'sramKiB.imem': { from: 1, to: 10_000, step: 1 },
    clockPicoseconds: { from: 1000, to: 1900, step: 100 },
  },
  constraints: [],
};

/** All files of a folder, by name. */
export function filesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
  );
}

/** A sweep to its end, in a folder of its own unless told otherwise. */
export function sweep(spec: unknown, ...args: string[]) {
  const folder = join(temporaryFolder(), 'out');
  return { ...systole('sweep', temporaryFile('sweep.json', spec), '-o', folder, ...args), folder };
}

/** A sweep that is begun. */
export interface Begun {
  readonly child: ChildProcess;
  /** All that it has said so far. */
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Begins a sweep of a file. */
export function begin(spec: string, folder: string, ...args: string[]): Begun {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'sweep', spec, '-o', folder, ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += String(text);
  });
  const ended = new Promise<Awaited<Begun['ended']>>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  return { child, stderr: () => stderr, ended };
}

/** Waits until something holds or the sweep has ended; says whether it holds. */
export async function until(sweeping: Begun, holds: () => boolean): Promise<boolean> {
  for (;;) {
    if (holds()) return true;
    if (sweeping.child.exitCode !== null || sweeping.child.signalCode !== null) return holds();
    await setTimeout(2);
  }
}

/** Bytes of a file; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What a sweep has written into its folder. */
export function resultOf(folder: string): SweepReport & Required<Pick<SweepReport, 'best' | 'worst'>> {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as ReturnType<typeof resultOf>;
}
