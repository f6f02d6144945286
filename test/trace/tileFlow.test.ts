import { describe, expect, it } from 'vitest';
import type { Layer } from '../../src/model/layers/layer.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { type SlicePlace, type TileFlow, type TraceSlices, tileFlowOf } from '../../src/views/trace/tileFlow.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { packedTrace } from '../support/packedTrace.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';

const KEEP: Assumptions = { ...HARDWARE, reloadOperands: false };

/** An arrow by the lanes and cycles that the recorder gives: the last cycle of where it begins, the first where it ends. */
function arrow({ slices }: TraceSlices, from: SlicePlace, to: SlicePlace): string {
  return `${from.lane}@${slices[from.lane]!.ends[from.place]! - 1} → ${to.lane}@${slices[to.lane]!.starts[to.place]!}`;
}

/** Every compute of a trace with its flow. */
function flowsOf(trace: TraceSlices): TileFlow[] {
  return trace.head.lanes
    .filter(({ kind }) => kind === 'unit')
    .flatMap(({ index: lane }) =>
      Array.from({ length: trace.slices[lane]!.count }, (_, place) => ({ lane, place }))
        .filter(({ place }) => trace.head.whats[trace.slices[lane]!.whats[place]!]!.kind === 'compute')
        .map((compute) => tileFlowOf(trace, compute)!),
    );
}

function recordedArrows({ flows }: MemoryTrace): string[] {
  return flows.map(({ from, to }) => `${from.lane.index}@${from.cycle} → ${to.lane.index}@${to.cycle}`).sort();
}

/**
 * The recorder, which knows the slots, draws an arrow from a load to the first compute that uses it, and from the last
 * compute that adds to a tile to its store. The page's arrows show every compute its operands and its store; those of
 * first and last uses are the recorder's.
 */
function pageArrows(trace: TraceSlices): string[] {
  const flows = flowsOf(trace);
  const loads = new Map<string, string>();
  const stores = new Map<string, string>();
  for (const { compute, loads: from, stores: to } of flows) {
    for (const load of from) {
      const key = `${load.lane} ${load.place}`;
      if (!loads.has(key)) loads.set(key, arrow(trace, load, compute));
    }
    for (const store of to) stores.set(`${store.lane} ${store.place}`, arrow(trace, compute, store));
  }
  return [...loads.values(), ...stores.values()].sort();
}

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
