import { describe, expect, it } from 'vitest';
import type { Layer } from '../../src/model/layers/layer.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { type SlicePlace, tileFlowOf } from '../../src/views/trace/tileFlow.ts';
import { traceInMemory } from '../support/memoryTrace.ts';
import { packedTrace } from '../support/packedTrace.ts';
import { flowsOf, pageArrows, recordedArrows } from '../support/pageArrows.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';

const KEEP: Assumptions = { ...HARDWARE, reloadOperands: false };

describe('the arrows of the page', () => {
  const cases: [string, string, Assumptions, (hardware: Hardware) => Layer[]][] = [
    ['ResNet-18 on HI3', 'HI3', HARDWARE, (hardware) => inferenceLayers('resnet18', hardware)],
    [
      'ResNet-18 on HI1 under the paper’s assumptions',
      'HI1',
      PAPER,
      (hardware) => inferenceLayers('resnet18', hardware),
    ],
    [
      'the last layers of a training iteration on HT3',
      'HT3',
      HARDWARE,
      (hardware) => trainingLayers('resnet18', hardware, 'exact', 2).slice(-40),
    ],
    ['ResNet-18 on HI3 with operands kept', 'HI3', KEEP, (hardware) => inferenceLayers('resnet18', hardware)],
  ];

  it.each(cases)('are those of the recorder: %s', (_, name, assumptions, layersOn) => {
    const hardware = hardwarePreset(name);
    const recorded = traceInMemory(layersOn(hardware), hardware, assumptions);
    const drawn = pageArrows(packedTrace(recorded, hardware, assumptions));
    expect(drawn.length).toBeGreaterThan(100);
    expect(drawn).toEqual(recordedArrows(recorded));
  });

  it('are the same for every slice of a tile', () => {
    const hardware = hardwarePreset('HI3');
    const layers = inferenceLayers('resnet18', hardware);
    const trace = packedTrace(traceInMemory(layers, hardware), hardware, HARDWARE);
    for (const flow of flowsOf(trace)) {
      const { compute, loads, stores } = flow;
      const step = (each: SlicePlace): number => trace.slices[each.lane]!.steps[each.place]!;
      // A load that this compute is the first to use, and a store that follows this compute.
      for (const load of loads) if (step(load) === step(compute)) expect(tileFlowOf(trace, load)).toEqual(flow);
      for (const store of stores) expect(tileFlowOf(trace, store)!.stores).toEqual(stores);
    }
  });
});
