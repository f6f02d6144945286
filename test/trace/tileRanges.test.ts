import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONV_DIMS, type ConvDim, RELEVANT_DIMS, type SaLayer, UNIT_SLIDING } from '../../src/model/layers/layer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { SaSchedule } from '../../src/model/schedule/saSchedule.ts';
import { lastStepOfUse } from '../../src/views/trace/scheduleSteps.ts';
import { tileCoordinates } from '../../src/views/trace/tileCoordinates.ts';
import { coversTiles, hasTileDims, type TileRanges } from '../../src/views/trace/tileRanges.ts';
import { saCases, sample, stepsOf } from '../support/arbitraries.ts';
import { hardwarePreset, trainingLayers } from '../support/presets.ts';

const only = (dim: string, first: number, last = first): TileRanges => new Map([[dim, { first, last }]]);

/** Whether any step of a use is at one of the coordinates: the long way. */
function anyStepIsAt(layer: SaLayer, step: number, lastStep: number, ranges: TileRanges): boolean {
  for (let each = step; each <= lastStep; each++) {
    const at = tileCoordinates(layer, each, '');
    if ([...ranges].every(([dim, { first, last }]) => at[dim]! >= first && at[dim]! <= last)) return true;
  }
  return false;
}

describe('a range of tiles', () => {
  it('has those that some step at one of its coordinates uses, in any loop order', () => {
    const someDim = fc.constantFrom(...CONV_DIMS);
    const tensors = fc.constantFrom(...(['weight', 'ifmap', 'psum'] as const));
    fc.assert(
      fc.property(
        saCases({ randomOrder: true }),
        someDim,
        fc.nat({ max: 3 }),
        tensors,
        (random, dim, first, tensor) => {
          const { layer, hardware } = random;
          const schedule = new SaSchedule(layer, hardware, HARDWARE);
          const { stepsPerUse } = schedule[tensor];
          const ranges = only(dim, first, first + 1);
          for (let step = 0; step < stepsOf(layer); step += stepsPerUse) {
            const lastStep = lastStepOfUse(schedule, tensor, step);
            const traced = { index: 0, layer, start: 0 };
            expect(coversTiles({ traced, step, lastStep, tensor }, ranges)).toBe(
              anyStepIsAt(layer, step, lastStep, ranges),
            );
          }
        },
      ),
      sample(50),
    );
  });

  it('of a dimension that a tensor does not depend on still has the tile that is used there', () => {
    const dependsOn = (tensor: 'weight', dim: ConvDim): boolean =>
      (RELEVANT_DIMS[tensor] as readonly ConvDim[]).includes(dim);
    expect(dependsOn('weight', 'ow')).toBe(false);
    const sizes = { oc: 2, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 3 };
    const layer: SaLayer = {
      unit: 'SA',
      name: 'conv',
      op: 'conv',
      sizes,
      tile: { ...sizes, oc: 1, ow: 1 },
      groups: 1,
      ...UNIT_SLIDING,
      loopOrder: ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'],
      bits: { ifmap: 8, weight: 8, psum: 8, bias: 8 },
    };
    // Steps 0–2 are oc 0, steps 3–5 oc 1.
    const weight = { traced: { index: 0, layer, start: 0 }, step: 3, lastStep: 5, tensor: 'weight' };
    expect(coversTiles(weight, only('ow', 2))).toBe(true);
    expect(coversTiles(weight, only('ow', 3))).toBe(false);
    expect(coversTiles(weight, only('oc', 1))).toBe(true);
    expect(coversTiles(weight, only('oc', 0))).toBe(false);
  });

  it('leaves out layers without such a coordinate, and takes a vector wherever its c-tile is', () => {
    const ht3 = hardwarePreset('HT3');
    const layers = trainingLayers('resnet18', ht3, 'exact', 2);
    const conv = layers.find(({ unit }) => unit === 'SA')!;
    const normalise = layers.find(({ op }) => op === 'bn-normalise')!;
    expect([hasTileDims(conv, only('oc', 0)), hasTileDims(normalise, only('oc', 0))]).toEqual([true, false]);
    expect([hasTileDims(conv, only('h', 0)), hasTileDims(normalise, only('h', 0))]).toEqual([false, true]);
    const mean = { traced: { index: 0, layer: normalise, start: 0 }, step: 0, lastStep: 5, tensor: 'mean' };
    expect(coversTiles(mean, only('h', 7))).toBe(true);
    expect(coversTiles(mean, only('c', 7))).toBe(false);
  });
});
