import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumption, assumptionsOf } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import {
  differencesOf,
  KEEP_RESIDENT,
  LADDER,
  type LayerLadder,
  sumLadder,
  walkLadder,
} from '../../src/studies/check/ladder.ts';
import { stepInWords } from '../../src/studies/check/ladderWords.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';

function climb(layers: readonly Layer[], hardware: Hardware, steps = LADDER): LayerLadder[] {
  const walk = walkLadder(layers, hardware, steps);
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
  }
}

function layersOf(network: string, hardware: Hardware): Layer[] {
  return hardware.name.startsWith('HT')
    ? trainingLayers(network, hardware, 'published')
    : inferenceLayers(network, hardware);
}

const STEP = Object.fromEntries(LADDER.map((step, place) => [step.name, place])) as Record<string, number>;
const systolicLayersThatAgree: Record<string, number> = {};

describe.each(['resnet18', 'resnet50'])('the ladder of %s', (network) => {
  describe.each([...INFERENCE_HARDWARE, ...TRAINING_HARDWARE])('on %s', (name) => {
    const hardware = hardwarePreset(name);
    const ladders = climb(layersOf(network, hardware), hardware);

    it('sums to the whole difference with nothing left over', () => {
      const totals = sumLadder(ladders, LADDER);
      for (const cycles of [totals, ...ladders.map((ladder) => ladder.cycles)]) {
        const sum = differencesOf(cycles).reduce((all, each) => all + each, 0);
        expect(Math.abs(sum - (cycles.at(-1)! - cycles[0]!))).toBeLessThanOrEqual(1e-9 * cycles[0]!);
      }
    });

    it('goes from published to ceiling by the two formulas alone', () => {
      for (const { layer, cycles } of ladders) {
        expect(cycles[STEP['published']!]).toBe(closedForm(layer, hardware, 'published').totalCycles);
        expect(cycles[STEP['ceiling']!]).toBe(closedForm(layer, hardware, 'ceiling').totalCycles);
      }
    });

    it('has `paper` where the corner formula predicts it, on every layer', () => {
      for (const { layer, cycles, corner } of ladders) expect(cycles[STEP['paper']!], layer.name).toBe(corner);
    });

    it('finds the machine equal to the ceiling closed form on every conv and gemm', () => {
      const systolic = ladders.filter(({ layer }) => layer.unit === 'SA');
      const agreeing = systolic.filter(({ cycles }) => cycles[STEP['paper']!] === cycles[STEP['ceiling']!]);
      expect(agreeing).toHaveLength(systolic.length);
      systolicLayersThatAgree[`${network} ${name}`] = agreeing.length;
    });
  });
});

describe('the ladder of all golden hardware', () => {
  it('agrees to the cycle on 900 of 900 conv and gemm layers (MODEL section 6)', () => {
    expect(Object.values(systolicLayersThatAgree).reduce((sum, count) => sum + count, 0)).toBe(900);
  });
});

describe('each later step, run by itself,', () => {
  const hardware = hardwarePreset('HI1');
  const layers = inferenceLayers('resnet18', hardware);
  const ladders = climb(layers, hardware, [...LADDER, KEEP_RESIDENT]);
  const alone: [string, Assumption[]][] = [
    ['paper', ['full-edge-tiles', 'lockstep', 'no-psum-hazard', 'reload-operands']],
    ['edges', ['lockstep', 'no-psum-hazard', 'reload-operands']],
    ['free-running', ['no-psum-hazard', 'reload-operands']],
    ['hardware', ['reload-operands']],
    ['keep-resident', []],
  ];
  it.each(alone)('%s gives its row again', (name, assumptions) => {
    const place = [...LADDER, KEEP_RESIDENT].findIndex((step) => step.name === name);
    const machine = new Machine(hardware);
    const cycles = layers.map((layer) => machine.run(layer, assumptionsOf(new Set(assumptions))).totalCycles);
    expect(ladders.map((ladder) => ladder.cycles[place])).toEqual(cycles);
  });
});

describe('the words of a step', () => {
  const hardware = hardwarePreset('HI3');
  const ladders = climb(inferenceLayers('resnet50', hardware), hardware);
  const words = (name: string): string[] => {
    const ladder = ladders.find(({ layer }) => layer.name === name)!;
    return differencesOf(ladder.cycles).map((difference, place) =>
      stepInWords(LADDER[place]!.name, ladder, difference, hardware),
    );
  };

  it('name the dimension, the tile and what is left of the last one', () => {
    const [, ceiling, , edges] = words('layer4.0.conv2');
    // IC = 512 in tiles of 448: one whole tile and 64 channels.
    expect(ceiling).toContain('ic = 512 is 1.14 tiles of 448, counted as 2');
    expect(edges).toContain('the last ic tile is 64 of 448');
  });

  it('are empty for a layer that the step does not change', () => {
    expect(words('fc')).toEqual(['', '', '', '', '', '']);
  });
});
