import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type DramModel, peakBitsPerCycle } from '../../src/model/dram/model.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import type { MachineOptions } from '../../src/model/machine/machine.ts';
import { runNetwork } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { type DramSpec, parseDram } from '../../src/model/schemas/dram.ts';
import type { Constraint } from '../../src/model/schemas/dramRowSchema.ts';
import { dramSteps, effectOf } from '../../src/studies/check/dramLadder.ts';
import {
  differencesOf,
  LADDER,
  type LayerLadder,
  type SimulatedStep,
  walkLadder,
} from '../../src/studies/check/ladder.ts';
import { stepInWords } from '../../src/studies/check/ladderWords.ts';
import { DRAM_PRESETS, dramPreset } from '../support/dram.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const spec: DramSpec = parseDram(
  JSON.parse(readFileSync(new URL('../../hw/dram/HBM2.json', import.meta.url), 'utf8')),
  'HBM2',
);
const hbm2: DramModel = { kind: 'banked', spec, layout: 'tiles', sharing: 'shared' };
const hardware = hardwarePreset('HI3');
const layers = inferenceLayers('resnet18', hardware).slice(0, 8);

/** A ReLU in one tile of 64 KiB of 8-bit elements. */
const bigTile: SimdLayer = {
  unit: 'SIMD',
  name: 'relu',
  op: 'relu',
  sizes: { c: 64, n: 1, h: 32, w: 32 },
  tile: { c: 64, n: 1, h: 32, w: 32 },
  window: NO_WINDOW,
  bits: { input: 8, output: 8, psum: 32, weight: 8, bias: 32 },
};

function finish<Result>(run: Generator<unknown, Result>): Result {
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

const steps = [...LADDER, ...dramSteps(hbm2, HARDWARE, hardware)];
const ladders: LayerLadder[] = finish(walkLadder(layers, hardware, steps));

describe('the ladder from ideal to real DRAM', () => {
  it('brings bandwidth, bursts, latency, rows, turnaround, refresh and sharing, in this order', () => {
    const added = steps.slice(LADDER.length);
    expect(added.map(({ name }) => name)).toEqual([
      'dram-bandwidth',
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
    const { layers: outcomes } = finish(runNetwork(layers, hardware, HARDWARE, 'published', { dram: hbm2 }));
    expect(ladders.map(({ cycles }) => cycles.at(-1))).toEqual(outcomes.map(({ simulated }) => simulated.totalCycles));
  });

  it('opens no row, pays no latency and never refreshes before the step that says so', () => {
    const resultsOf = (step: string) => ladders.map(({ simulated }) => simulated.get(step)!);
    const ideal = ladders.map(({ cycles }) => cycles[LADDER.length - 1]!);
    // Eight channels of 256 bits at 1 GHz are wider than any interface of HI3.
    expect(resultsOf('dram-bandwidth').map(({ totalCycles }) => totalCycles)).toEqual(ideal);
    // Without latency and row times only the last burst of each transfer can be late: by the 2 cycles on its bus and
    // the rounding between the clocks, far below a percent of a layer here.
    resultsOf('dram-bursts').forEach(({ totalCycles }, place) => {
      expect(totalCycles).toBeGreaterThanOrEqual(ideal[place]!);
      expect(totalCycles).toBeLessThan(1.01 * ideal[place]!);
    });
    expect(resultsOf('dram-turnaround').every(({ memory }) => memory!.refreshes === 0)).toBe(true);
  });

  it('cannot be given a memory but by its steps', () => {
    // @ts-expect-error a step that simulates must say on which memory
    const forgetful: SimulatedStep = { name: 'forgetful', meaning: '', assumptions: HARDWARE };
    const options: MachineOptions = { dram: hbm2, fastForward: false };
    // @ts-expect-error options of a machine carry the run's own memory
    const leaking = walkLadder([], hardware, [forgetful], options);
    expect(leaking).toBeDefined();
  });

  it('says what each step means in words', () => {
    const added = steps.slice(LADDER.length);
    const words = added.map((step) => stepInWords(step.name, ladders[0]!, 5, hardware));
    expect(new Set(words).size).toBe(added.length);
    expect(words.every((sentence) => sentence.includes('costs 5 cycles: '))).toBe(true);
  });

  it('has no step for ideal DRAM, one for a latency, and none for sharing where channels are split', () => {
    expect(dramSteps({ kind: 'ideal' }, HARDWARE, hardware)).toEqual([]);
    expect(dramSteps({ ...hbm2, sharing: 'split' }, HARDWARE, hardware).at(-1)!.name).toBe('dram-refresh');
  });
});

describe('a timing parameter', () => {
  const inWords = (effect: string): string[] =>
    DRAM_PRESETS.flatMap((name) => {
      const { timing, constraints } = dramPreset(name);
      return Object.keys(timing).filter((parameter) => effectOf(parameter, constraints) === effect);
    });
  const all = (effect: string): string[] => [...new Set(inWords(effect))].sort();

  it('belongs to the effect that JEDEC gives its name to, in all presets', () => {
    expect(all('dram-bursts')).toEqual(['burst', 'burstLong']);
    expect(all('dram-latency')).toEqual(['CL', 'CWL', 'WCKPST']);
    expect(all('dram-turnaround')).toEqual(['CCD_R', 'CS', 'RTW', 'WTR', 'WTR_L', 'WTR_S']);
    expect(all('dram-refresh')).toEqual(['PBR2ACT', 'PBR2PBR', 'REFI', 'REFIpb', 'RFC', 'RFCpb', 'RREFD']);
    expect(all('dram-rows')).toEqual(
      [
        ...['AAD', 'CCD', 'CCD_L', 'CCD_L_WR', 'CCD_S', 'CCD_S_WR', 'FAW', 'PPD', 'RAS', 'RC', 'RCD', 'RCD_RD'],
        ...['RCD_WR', 'RP', 'RPab', 'RRD', 'RRD_L', 'RRD_S', 'RTP', 'WR'],
      ].sort(),
    );
  });

  it('of a turn and of rows alike is one of rows', () => {
    const turn: Constraint = { level: 'rank', from: ['RD'], to: ['WR'], cycles: 'X + 1' };
    const row: Constraint = { level: 'bank', from: ['ACT'], to: ['RD'], cycles: 'X' };
    expect(effectOf('X', [turn])).toBe('dram-turnaround');
    expect(effectOf('X', [turn, row])).toBe('dram-rows');
  });

  it.each(DRAM_PRESETS)('of %s is zero before its step: the first banked one moves data at its peak', (name) => {
    const model: DramModel = { kind: 'banked', spec: dramPreset(name), layout: 'tiles', sharing: 'shared' };
    const added = dramSteps(model, HARDWARE, hardware);
    const simulated = finish(walkLadder([bigTile], hardware, added))[0]!;
    // One tile of 64 KiB each way: bursts add roundings, and take away what a queue of writes holds at the end, as a store
    // ends with the acceptance of its last burst.
    const cyclesOf = (step: string): number => simulated.simulated.get(step)!.totalCycles;
    const bandwidth = cyclesOf('dram-bandwidth');
    expect(cyclesOf('dram-bursts')).toBeGreaterThan(0.95 * bandwidth);
    expect(cyclesOf('dram-bursts')).toBeLessThan(1.05 * bandwidth);
    expect(simulated.simulated.get('dram-turnaround')!.memory!.refreshes).toBe(0);
    expect(simulated.cycles.at(-1)).toBe(
      finish(runNetwork([bigTile], hardware, HARDWARE, 'published', { dram: model })).layers[0]!.simulated.totalCycles,
    );
  });
});

describe("the memory's own bandwidth", () => {
  it('is that of all data buses in the cycles of the accelerator', () => {
    // 8 channels, each a burst of 64 bytes in two cycles of 1000 ps, seen every 965 ps.
    expect(peakBitsPerCycle(spec, 965)).toBeCloseTo(8 * ((64 * 8) / 2) * 0.965, 9);
    // 16 channels of two data buses each, on which 32 bytes take 4 half clocks of 312.5 ps.
    expect(peakBitsPerCycle(dramPreset('HBM3-6400'), 1000)).toBeCloseTo((16 * 2 * 32 * 8) / (4 * 0.3125), 9);
  });

  it.each([
    // One tile: weights and bias 64 + 64 bits, ifmap 64, one MAC, ofmap 64, over interfaces of 64 bits a cycle: 2 + 1 + 1.
    ['shared', 8, 4],
    // A channel moves 2 bits a cycle here: 4 channels 8, so 8 + 8 cycles for weights and bias, 1, then 8.
    ['shared', 4, 25],
    // One of four split channels is one interface's own: 32 + 32 + 1 + 32.
    ['split', 4, 97],
  ] as const)('%s, %i channels, is a step of its own: %i cycles', (sharing, channels, expected) => {
    const wide = { ...TINY_HARDWARE.bitsPerCycle, weight: 64, ifmap: 64, psum: 64, vmem: 64 };
    const bits = { weight: 64, ifmap: 64, psum: 64, bias: 64 };
    const on = { ...TINY_HARDWARE, bits, bitsPerCycle: wide };
    // A burst of 512 bits takes 256 cycles: 2 bits a cycle. Of the 8 channels each moves 8.
    const burst = channels === 8 ? 64 : 256;
    const slow = { ...spec, organization: { ...spec.organization, channels }, timing: { ...spec.timing, burst } };
    const [step] = dramSteps({ ...hbm2, spec: slow, sharing }, HARDWARE, on);
    expect(step!.name).toBe('dram-bandwidth');
    const [ladder] = finish(walkLadder([{ ...tinyConv({}, {}), bits }], on, [step!]));
    expect(ladder!.cycles).toEqual([expected]);
  });
});
