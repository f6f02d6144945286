import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import type { Layer, SaLayer } from '../../src/model/layers/layer.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { type DrawnCase, runCase } from '../../src/studies/verify/drawnCase.ts';
import { saCaseOf } from '../../src/studies/verify/saCase.ts';
import { simdCaseOf } from '../../src/studies/verify/simdCase.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';

/**
 * The layers that are run have up to this many MACs or elements. An inference of ResNet-18 has none beyond 120 million;
 * the dW convs of training have, as a batch of 1 is padded to all rows of the array.
 */
const isLong = process.env['SYSTOLE_VERIFY'] === '1';
const MOST_WORK = isLong ? { inference: 120_000_000, training: 8_000_000 } : { inference: 110_000, training: 60_000 };

const work = ({ sizes }: Layer): number => Object.values(sizes).reduce((product, size) => product * size, 1);

function caseOf(layer: Layer, hardware: Hardware, assumptions: Assumptions): DrawnCase {
  const random = seedrandom.alea(layer.name);
  return layer.unit === 'SA'
    ? saCaseOf(random, layer, hardware, assumptions)
    : simdCaseOf(random, layer, hardware, assumptions);
}

/** The layers that come out wrong, by name. */
function wrongLayers(layers: readonly Layer[], hardware: Hardware, assumptions: Assumptions): string[] {
  return layers
    .filter((layer) => runCase(caseOf(layer, hardware, assumptions)) !== undefined)
    .map((layer) => layer.name);
}

describe('the tiles that the generator makes of a real network carry the right data', () => {
  it('an inference of ResNet-18 on HI1', () => {
    const hardware = hardwarePreset('HI1');
    const layers = inferenceLayers('resnet18', hardware).filter((layer) => work(layer) <= MOST_WORK.inference);
    expect(wrongLayers(layers, hardware, HARDWARE)).toEqual([]);
    expect(layers.length).toBeGreaterThan(15);
  });

  it('a training iteration of ResNet-18 on HT1 with one image', () => {
    const hardware = hardwarePreset('HT1');
    const layers = trainingLayers('resnet18', hardware, 'exact', 1).filter(
      (layer) => work(layer) <= MOST_WORK.training,
    );
    expect(wrongLayers(layers, hardware, HARDWARE)).toEqual([]);
    expect(layers.length).toBeGreaterThan(50);
  });
});

describe('the paper’s assumptions on a real network', () => {
  const hardware = hardwarePreset('HI3');
  const layers = inferenceLayers('resnet18', hardware);
  // All of one output plane in one tile (W = 1), more than one tile of input channels (A > 1).
  const comeBackAtOnce = ['layer4.0.conv2', 'layer4.1.conv1', 'layer4.1.conv2'];

  it('load the psums of three layers of ResNet-18 on HI3 before they are stored: those layers come out wrong', () => {
    // Each takes seconds.
    const names = isLong ? comeBackAtOnce : comeBackAtOnce.slice(0, 1);
    for (const layer of layers.filter(({ name }) => names.includes(name)) as SaLayer[]) {
      // One tile of output channels is enough.
      const part = { ...layer, sizes: { ...layer.sizes, oc: layer.tile.oc } };
      const drawn = caseOf(part, hardware, PAPER);
      expect(runCase(drawn)).toMatch(/^ofmap\[0,0,0,0\] is NaN, not /);
      expect(runCase(drawn, { assumptions: { noPsumHazard: false } })).toBeUndefined();
    }
  });

  it('leave all others right', () => {
    const others = layers.filter((layer) => !comeBackAtOnce.includes(layer.name) && work(layer) <= MOST_WORK.inference);
    expect(wrongLayers(others, hardware, PAPER)).toEqual([]);
  });
});
