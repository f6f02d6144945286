/** What a formula lacks: the one thing of the machine that makes up the difference, with numbers chosen by hand. */
import { describe, expect, it } from 'vitest';
import { emptySimulatedResult, type SimulatedResult } from '../../src/model/machine/statistics.ts';
import { errorStatistics, relativeError } from '../../src/studies/check/errorStatistics.ts';
import { lackOf } from '../../src/studies/check/lack.ts';
import type { LadderStep, LayerLadder } from '../../src/studies/check/ladder.ts';
import { HARDWARE_STEP, LADDER } from '../../src/studies/check/ladder.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const hardware = hardwarePreset('HI3');
const layer = inferenceLayers('resnet18', hardware)[0]!;

/** 1000 cycles: 600 of work, 50 of them to fill, and waits of 300 for weights, 90 for the ifmap and 10 to drain. */
function result(): SimulatedResult {
  const empty = emptySimulatedResult();
  return {
    ...empty,
    totalCycles: 1000,
    computeCycles: 600,
    fillCycles: 50,
    stallCycles: 400,
    waiting: { ...empty.waiting, weight: 300, ifmap: 90, drain: 10 },
    interfaceBusyCycles: { weight: 700, ifmap: 500, psum: 20, vmem: 0 },
  };
}

const kindOf = (predicted: number): string[] => {
  const { kind, name } = lackOf(predicted, result(), undefined);
  return [kind, name];
};

describe('what a formula lacks', () => {
  it('is the cause that comes nearest to the difference', () => {
    expect(kindOf(700)).toEqual(['waiting', 'weight']); // 300 too few
    expect(kindOf(905)).toEqual(['waiting', 'ifmap']); // 95
    expect(kindOf(990)).toEqual(['waiting', 'drain']);
    expect(kindOf(955)).toEqual(['fill', 'fill']); // 45
    expect(kindOf(600)).toEqual(['waits', 'all waits']);
  });

  it('says how much of it that is', () => {
    expect(lackOf(700, result(), undefined).share).toBe(1);
    expect(lackOf(905, result(), undefined).share).toBeCloseTo(1 - 5 / 95, 12);
  });

  it('is nothing alone where it makes up less than half, or where the formula says too much', () => {
    const { kind, words } = lackOf(100, result(), undefined); // 900 too few: all waits are 400
    expect([kind, words]).toEqual([
      'none',
      'the machine computes 600 cycles (50 cycles to fill), waits 400 cycles (300 cycles for weight), and its busiest interface, weight, moves data for 700 cycles',
    ]);
    expect(kindOf(1200)).toEqual(['none', 'none alone']);
  });

  it('is a step of the ladder where the formula says what an earlier step says', () => {
    const steps: readonly LadderStep[] = LADDER;
    // published, ceiling, paper, edges, free-running, hardware
    const cycles = [700, 1400, 1400, 1100, 1000, 1000];
    const of: LayerLadder = { layer, cycles, corner: 1400, simulated: new Map([[HARDWARE_STEP.name, result()]]) };
    const lack = (predicted: number) => lackOf(predicted, result(), { of, steps, hardware });
    // From 1400 to 1000 edges do most: −300 of −400.
    expect(lack(1400)).toMatchObject({ kind: 'step', name: 'edges', cycles: -400, share: 1 });
    expect(lack(1100)).toMatchObject({ kind: 'step', name: 'free-running', cycles: -100, share: 1 });
    // From 700 on ceiling does most: +700 of +300; the wait for weights is as near, but the ladder knows more.
    expect(lack(700)).toMatchObject({ kind: 'step', name: 'ceiling', cycles: 300, share: 1 });
    expect(lack(1400).words).toMatch(/^as the step ceiling has it; edges saves 300 cycles/);
  });
});

describe('statistics of errors', () => {
  it('are shares that a reader can count again', () => {
    // Errors: +100 %, −50 %, +1 %, 0 %.
    const cases = [
      { predicted: 20, simulated: 10 },
      { predicted: 50, simulated: 100 },
      { predicted: 202, simulated: 200 },
      { predicted: 400, simulated: 400 },
    ];
    const { meanAbsolute, bias, total, worst, within1, within5, within10, spearman } = errorStatistics(cases);
    expect(meanAbsolute).toBeCloseTo(1.51 / 4, 12);
    expect(bias).toBeCloseTo(0.51 / 4, 12);
    expect(total).toBeCloseTo(672 / 710 - 1, 12);
    expect([worst, within1, within5, within10, spearman]).toEqual([1, 0.5, 0.5, 0.5, 1]);
  });

  it('count what is predicted where nothing was simulated as wrong by all of it', () => {
    expect(relativeError({ predicted: 0, simulated: 0 })).toBe(0);
    expect(relativeError({ predicted: 3, simulated: 0 })).toBeUndefined();
    const one = errorStatistics([{ predicted: 3, simulated: 0 }]);
    expect(one).toMatchObject({ worst: 1, within10: 0 });
    expect(one).not.toHaveProperty('spearman');
  });
});
