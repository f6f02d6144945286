/** Traces of fused groups: both arrays busy, tiles that are handed over, and sums that are the run's. */
import { describe, expect, it } from 'vitest';
import type { Fusion } from '../../src/model/fusion/groups.ts';
import { type Layer, NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { runNetwork } from '../../src/model/network/network.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import { BoundedSink } from '../../src/views/trace/bounds.ts';
import { isFusedSide, makingStep, placeOf, takingStep } from '../../src/views/trace/fusedSide.ts';
import { sliceFields, sliceName } from '../../src/views/trace/slice.ts';
import { tileFlowOf } from '../../src/views/trace/tileFlow.ts';
import { complete } from '../support/complete.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { packedTrace } from '../support/packedTrace.ts';
import { hardwarePreset, inferenceLayers, memoryPreset, trainingLayers } from '../support/presets.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';
import { expectAllBits, expectBandwidth, expectExact, expectOrdered } from '../support/traceRules.ts';

const KEEP: Assumptions = { ...HARDWARE, reloadOperands: false };

/** Slices of a lane as `name start–end`. */
function lane({ slices }: MemoryTrace, name: string): string[] {
  return slices.filter((each) => each.lane.name === name).map((each) => `${sliceName(each)} ${each.start}–${each.end}`);
}

describe('the timeline of a conv and the function behind it', () => {
  // One bit per element and cycle: two tiles of 2. Weight 0–1, bias 1–2, ifmaps 0–2 and 2–4, computes 2 each; the SIMD
  // array takes 5 + 2 for a tile and 2 for its store, and has one slot.
  const conv = { ...tinyConv({ ow: 4 }, { ow: 2 }), name: 'conv' };
  const sizes = { c: 1, n: 1, h: 1, w: 4 };
  const relu: SimdLayer = {
    ...{ unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile: sizes, window: NO_WINDOW },
    bits: { ...conv.bits, input: 1, output: 1 },
    ...{ producers: { X: ['conv'] }, asMade: ['X'] },
  };
  const trace = traceInMemory([conv, relu], TINY_HARDWARE, HARDWARE, undefined, undefined, 'chains');

  it('shows both arrays at work, and what each waits for', () => {
    expect(lane(trace, 'PE array')).toEqual([
      ...['wait: ifmap 0–2', 'compute 2–4', 'compute 4–6'],
      // Its last tile leaves OBuf when the SIMD array has computed on it, whose last store takes two cycles more.
      ...['wait: drain 6–20', 'wait: noWork 20–22'],
    ]);
    expect(lane(trace, 'SIMD pipeline')).toEqual([
      ...['wait: obufTile 0–4', 'compute 4–11', 'wait: vmemStore 11–13', 'compute 13–20', 'wait: drain 20–22'],
    ]);
    expect(lane(trace, 'vmem interface')).toEqual(['store relu.Y 11–13', 'store relu.Y 20–22']);
    expect(lane(trace, 'psum interface')).toEqual([]);
    expect(lane(trace, 'Layers')).toEqual(['conv + relu 0–22']);
  });

  it('shows the tiles in their slots until they are used, and their results until they are stored', () => {
    expect(lane(trace, 'OBuf slot 0')).toEqual(['hold psum 0–11']);
    expect(lane(trace, 'OBuf slot 1')).toEqual(['hold psum 0–20']);
    expect(lane(trace, 'VMem slot 0')).toEqual(['hold working set 0–13', 'hold working set 13–22']);
  });

  it('leads from the PE array’s computes to the SIMD array’s, and from there to the stores', () => {
    const arrows = trace.flows.map(({ from, to }) => `${from.lane.name} ${from.cycle} → ${to.lane.name} ${to.cycle}`);
    for (const arrow of ['PE array 3 → SIMD pipeline 4', 'PE array 5 → SIMD pipeline 13']) {
      expect(arrows).toContain(arrow);
    }
    expect(arrows).toContain('SIMD pipeline 10 → vmem interface 11');
  });

  it('says of each slice whose it is, on which array and where its tile lies', () => {
    const fields = trace.slices.filter(({ kind }) => kind === 'compute').map(sliceFields);
    expect(fields.find(({ op, step }) => op === 'relu' && step === 1)).toMatchObject({ unit: 'SIMD', w: 1, part: 0 });
    expect(new Set(fields.map(({ layer }) => layer))).toEqual(new Set(['conv + relu']));
    expect(fields.find(({ op, step }) => op === 'conv' && step === 1)).toMatchObject({ unit: 'SA', ow: 1 });
  });

  it('is selected by the group’s name', () => {
    const only = (names: string[]): MemoryTrace =>
      traceInMemory(
        [conv, relu],
        TINY_HARDWARE,
        HARDWARE,
        (sink) => new BoundedSink(sink, { layers: new Set(names) }),
        undefined,
        'chains',
      );
    expect(only(['conv + relu']).slices).toEqual(trace.slices);
    expect(only(['conv']).slices).toEqual([]);
  });
});

/** Few tiles of every kind of group: chains behind convs, shortcuts, statistics, updates. */
const RUNS: readonly [string, string, Fusion, Assumptions, () => Layer[]][] = [
  ['an inference in chains', 'HI3', 'chains', HARDWARE, () => inferenceLayers('resnet18', hardwarePreset('HI3'))],
  ['an inference in pairs', 'HI3', 'pairs', HARDWARE, () => inferenceLayers('resnet18', hardwarePreset('HI3'))],
  ['keeping tiles', 'HI3', 'chains', KEEP, () => inferenceLayers('resnet18', hardwarePreset('HI3')).slice(0, 20)],
  ['as the paper assumes', 'HI3', 'chains', PAPER, () => inferenceLayers('resnet18', hardwarePreset('HI3'))],
  [
    'an iteration of training',
    'HT3',
    'chains',
    HARDWARE,
    () => {
      const layers = trainingLayers('resnet18', hardwarePreset('HT3'), 'exact', 1);
      return [...layers.slice(0, 4), ...layers.slice(110, 130)];
    },
  ],
];

describe.each(RUNS)('a trace of %s', (_, name, fusion, assumptions, layersOf) => {
  const hardware = hardwarePreset(name);
  const layers = layersOf();
  const trace = traceInMemory(layers, hardware, assumptions, undefined, undefined, fusion);

  it('shows every cycle and every bit of the run', () => {
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    expectBandwidth(trace, hardware);
    const run = complete(runNetwork(layers, hardware, assumptions, 'published', { fusion }));
    const ofLayers = run.layers.reduce((sum, { simulated }) => sum + simulated.totalCycles, 0);
    const cycles = run.groups!.reduce((sum, { totalCycles }) => sum + totalCycles, ofLayers);
    const shown = trace.slices.filter(({ kind }) => kind === 'layer');
    expect(shown.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(cycles);
    expect(shown.at(-1)!.end).toBe(cycles);
    expect(shown.length).toBe(run.groups!.length + run.layers.filter(({ group }) => group === undefined).length);
  });

  it('has both arrays compute at a time', () => {
    const computes = (key: string) => trace.slices.filter(({ lane, kind }) => lane.key === key && kind === 'compute');
    const simd = computes('simd');
    const overlaps = computes('pe-array').some(({ start, end }) =>
      simd.some((other) => other.start < end && start < other.end),
    );
    expect(overlaps).toBe(true);
  });

  it('takes each tile where the SA layer has left it: one compute each, in the page as in the file', () => {
    const page = packedTrace(trace, hardware, assumptions);
    const simdLane = page.head.lanes.findIndex(({ key }) => key === 'simd');
    const ofGroups = trace.runs.flatMap(({ layer }, index) => (isFusedSide(layer) ? [{ layer, index }] : []));
    expect(ofGroups.length).toBeGreaterThan(3);
    const arrows = new Set(
      trace.flows.map(({ from, to }) => `${from.lane.index}@${from.cycle} → ${to.lane.index}@${to.cycle}`),
    );
    for (const { layer, index } of ofGroups) {
      const sa = trace.runs[index - 1]!.layer;
      if (sa.unit !== 'SA') throw new Error('a group begins with a conv or gemm');
      const slices = page.slices[simdLane]!;
      for (let place = 0; place < slices.count; place++) {
        if (slices.layers[place] !== index || page.head.whats[slices.whats[place]!]!.kind !== 'compute') continue;
        const step = slices.steps[place]!;
        const making = makingStep(layer, sa, step);
        if (placeOf(layer, step).part > 0) {
          expect(making).toBeUndefined();
          continue;
        }
        expect(takingStep(layer, sa, making!)).toBe(step);
        const [handed] = tileFlowOf(page, { lane: simdLane, place })!.loads;
        const from = page.slices[handed!.lane]!;
        expect(from.steps[handed!.place]).toBe(making);
        const arrow = `${handed!.lane}@${from.ends[handed!.place]! - 1} → ${simdLane}@${slices.starts[place]}`;
        expect([arrow, arrows.has(arrow)]).toEqual([arrow, true]);
      }
    }
  });
});

describe('a trace of fused groups on banked DRAM', () => {
  it('shows every cycle and bit, and whose bursts the channels serve', () => {
    const hardware = hardwarePreset('HI3');
    const layers = inferenceLayers('resnet18', hardware).slice(0, 12);
    const trace = traceInMemory(layers, hardware, HARDWARE, undefined, memoryPreset('HBM2'), 'chains');
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    const served = trace.slices.filter(({ lane: { kind }, bits }) => kind === 'channel' && bits > 0);
    const moved = trace.slices.filter(({ lane: { kind } }) => kind === 'interface');
    const bitsOf = (slices: typeof served, unit: string): number =>
      slices.reduce((sum, { bits, traced }) => sum + (traced.layer.unit === unit ? bits : 0), 0);
    // Bursts are whole: never fewer bits than the tiles have.
    for (const unit of ['SA', 'SIMD']) expect(bitsOf(served, unit)).toBeGreaterThanOrEqual(bitsOf(moved, unit));
  });
});
