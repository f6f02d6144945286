import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DramModel } from '../../src/model/dram/model.ts';
import { runNetwork } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import { dramSteps } from '../../src/studies/check/dramLadder.ts';
import { differencesOf, LADDER, type LayerLadder, walkLadder } from '../../src/studies/check/ladder.ts';
import { stepInWords } from '../../src/studies/check/ladderWords.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const spec: DramSpec = parseDram(
  JSON.parse(readFileSync(new URL('../../hw/dram/HBM2.json', import.meta.url), 'utf8')),
  'HBM2',
);
const hbm2: DramModel = { kind: 'banked', spec, layout: 'tiles', sharing: 'shared' };
const hardware = hardwarePreset('HI3');
const layers = inferenceLayers('resnet18', hardware).slice(0, 8);

function finish<Result>(run: Generator<unknown, Result>): Result {
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

const steps = [...LADDER, ...dramSteps(hbm2, HARDWARE)];
const ladders: LayerLadder[] = finish(walkLadder(layers, hardware, steps));

describe('the ladder from ideal to real DRAM', () => {
  it('brings bursts, latency, rows, turnaround, refresh and sharing, in this order', () => {
    const added = steps.slice(LADDER.length);
    expect(added.map(({ name }) => name)).toEqual([
      'dram-bursts',
      'dram-latency',
      'dram-rows',
      'dram-turnaround',
      'dram-refresh',
      'dram-shared',
    ]);
  });

  it('sums to the whole difference, layer by layer', () => {
    for (const { cycles } of ladders) {
      const sum = differencesOf(cycles).reduce((total, difference) => total + difference, 0);
      expect(cycles[0]! + sum).toBeCloseTo(cycles.at(-1)!, 6);
    }
  });

  it('ends with what a run on the real memory gives', () => {
    const outcomes = finish(runNetwork(layers, hardware, HARDWARE, 'published', { dram: hbm2 }));
    expect(ladders.map(({ cycles }) => cycles.at(-1))).toEqual(outcomes.map(({ simulated }) => simulated.totalCycles));
  });

  it('opens no row, pays no latency and never refreshes before the step that says so', () => {
    const resultsOf = (step: string) => ladders.map(({ simulated }) => simulated.get(step)!);
    const ideal = ladders.map(({ cycles }) => cycles[LADDER.length - 1]!);
    // Without latency and row times only the last burst of each transfer can be late: by the 2 cycles on its bus and
    // the rounding between the clocks, far below a percent of a layer here.
    resultsOf('dram-bursts').forEach(({ totalCycles }, place) => {
      expect(totalCycles).toBeGreaterThanOrEqual(ideal[place]!);
      expect(totalCycles).toBeLessThan(1.01 * ideal[place]!);
    });
    expect(resultsOf('dram-turnaround').every(({ memory }) => memory!.refreshes === 0)).toBe(true);
  });

  it('says what each step means in words', () => {
    const added = steps.slice(LADDER.length);
    const words = added.map((step) => stepInWords(step.name, ladders[0]!, 5, hardware));
    expect(new Set(words).size).toBe(added.length);
    expect(words.every((sentence) => sentence.includes('costs 5 cycles: '))).toBe(true);
  });

  it('has no step for ideal DRAM, one for a latency, and none for sharing where channels are split', () => {
    expect(dramSteps({ kind: 'ideal' }, HARDWARE)).toEqual([]);
    expect(dramSteps({ ...hbm2, sharing: 'split' }, HARDWARE).at(-1)!.name).toBe('dram-refresh');
  });
});
