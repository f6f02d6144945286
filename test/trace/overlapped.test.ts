/** Traces of layers that overlap (`prefetch`): tiles of two layers at once, and sums that are the run's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IDEAL } from '../../src/model/dram/model.ts';
import { fuse } from '../../src/model/fusion/fuse.ts';
import { FUSIONS, type Fusion } from '../../src/model/fusion/groups.ts';
import type { Layer, SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { INTERFACES } from '../../src/model/machine/observer.ts';
import type { ProgramResult } from '../../src/model/machine/programRun.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { BoundedSink } from '../../src/views/trace/bounds.ts';
import { type Slice, sliceName } from '../../src/views/trace/slice.ts';
import { complete } from '../support/complete.ts';
import { conv, hardware, relu } from '../support/fiveTiles.ts';
import { causesOf, chains, overlapped } from '../support/goldenChains.ts';
import { coveredCycles, cyclesOf, type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { smallMachines } from '../support/overlapCases.ts';
import { packedTrace } from '../support/packedTrace.ts';
import { pageArrows, recordedArrows } from '../support/pageArrows.ts';
import { hardwarePreset, inferenceLayers, memoryPreset } from '../support/presets.ts';
import { networks } from '../support/randomNetworks.ts';
import { expectAllBits, expectBandwidth, expectOrdered } from '../support/traceRules.ts';

const PREFETCH: Assumptions = { ...HARDWARE, prefetch: true };
const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 1000 : 20;

/** Slices of a lane as `name start–end`, those of the network's second layer with a prime. */
function lane({ slices }: MemoryTrace, name: string): string[] {
  const of = ({ traced }: Slice): string => (traced.index === 0 ? '' : '′');
  return slices
    .filter((each) => each.lane.name === name)
    .map((each) => `${sliceName(each)}${of(each)} ${each.start}–${each.end}`);
}

const timeline = (layers: readonly Layer[], fusion: Fusion = 'none'): MemoryTrace =>
  traceInMemory(layers, hardware, PREFETCH, undefined, undefined, fusion);

// The cycles of these three are counted in test/machine/prefetch.test.ts.
describe('the timeline of five tiles of a conv and five of a ReLU that does not need them', () => {
  const trace = timeline([conv('conv', 5), relu]);

  it('shows both arrays busy at once', () => {
    expect(lane(trace, 'PE array')).toEqual([
      ...['wait: weight 0–1', 'wait: bias 1–5'],
      ...['compute 5–15', 'compute 15–25', 'compute 25–35', 'compute 35–45', 'compute 45–55'],
      ...['wait: drain 55–60', 'wait: noWork 60–115'],
    ]);
    expect(lane(trace, 'SIMD pipeline').slice(0, 4)).toEqual([
      ...['wait: vmemLoad′ 0–4', 'compute′ 4–19', 'wait: vmemStore′ 19–23', 'wait: vmemLoad′ 23–27'],
    ]);
    expect(lane(trace, 'SIMD pipeline').at(-1)).toBe('wait: drain′ 111–115');
  });

  it('shows each layer in a lane of its own, as long as it runs', () => {
    expect(lane(trace, 'Layers')).toEqual(['conv 0–60']);
    expect(lane(trace, 'Layers 2')).toEqual(['relu′ 0–115']);
    // What the ReLU adds is what it ends later; its unit was at it for all but the last store.
    expect(
      trace.runs.map(({ start, end, unitStart, unitEnd, result }) => [
        start,
        end,
        unitStart,
        unitEnd,
        result.totalCycles,
      ]),
    ).toEqual([
      [0, 60, 0, 55, 60],
      [0, 115, 0, 111, 55],
    ]);
  });
});

describe('the timeline of two convs, the second of what the first makes', () => {
  const trace = timeline([conv('first', 5), conv('second', 1, { ifmap: ['first'] })]);

  it('shows the second’s weights on their way during the first', () => {
    expect(lane(trace, 'weight interface')).toEqual([
      ...['load weight 0–1', 'load bias 1–5', 'load weight′ 5–6', 'load bias′ 6–10'],
    ]);
    expect(lane(trace, 'ifmap interface').at(-1)).toBe('load ifmap′ 60–64');
    expect(lane(trace, 'PE array').slice(-5)).toEqual([
      ...['compute 45–55', 'wait: producer′ 55–60', 'wait: ifmap′ 60–64', 'compute′ 64–74', 'wait: drain′ 74–79'],
    ]);
  });

  it('shows slots from their grant, also while their tile waits for the layer that makes it', () => {
    expect(lane(trace, 'WBuf slot 0')).toEqual(['hold weight 0–55']);
    expect(lane(trace, 'WBuf slot 1')).toEqual(['hold weight′ 0–74']);
    // IBuf's two slots are taken in turn; the fourth tile of the first has left slot 1 at 45.
    expect(lane(trace, 'IBuf slot 1')).toEqual(['hold ifmap 0–25', 'hold ifmap 25–45', 'hold ifmap′ 45–74']);
  });

  it('shows the second begin before the first ends', () => {
    expect([...lane(trace, 'Layers'), ...lane(trace, 'Layers 2')]).toEqual(['first 0–60', 'second′ 0–79']);
  });
});

describe('the timeline of five tiles of a conv that a ReLU takes over', () => {
  const taking: SimdLayer = { ...relu, producers: { X: ['conv'] }, asMade: ['X'] };
  const trace = timeline([conv('conv', 5), taking], 'chains');

  it('shows both arrays busy at once, and one layer', () => {
    const computes = (name: string): string[] => lane(trace, name).filter((each) => each.startsWith('compute'));
    expect(computes('PE array').map((each) => each.slice('compute '.length))).toEqual([
      ...['5–15', '15–25', '30–40', '49–59', '68–78'],
    ]);
    expect(computes('SIMD pipeline').map((each) => each.slice('compute′ '.length))).toEqual([
      ...['15–30', '34–49', '53–68', '72–87', '91–106'],
    ]);
    expect(lane(trace, 'Layers')).toEqual(['conv + relu 0–110']);
    expect(lane(trace, 'Layers 2')).toEqual([]);
  });
});

describe.each(chains.map((chain) => [chain.id, chain] as const))('the timeline of chain %i', (_, chain) => {
  const { hardware: on, layers, assumptions } = overlapped(chain);
  const { slices, runs } = traceInMemory(layers, on, assumptions);

  it('shows what the prototype says of each array and layer', () => {
    for (const [key, busy, waiting] of [
      ['pe-array', chain.saBusy, chain.saWaiting],
      ['simd', chain.simdBusy, chain.simdWaiting],
    ] as const) {
      const shown = slices.filter(({ lane }) => lane.key === key);
      const waits: Record<string, number> = {};
      for (const { cause, start, end } of shown) if (cause !== '') waits[cause] = (waits[cause] ?? 0) + end - start;
      expect([key, cyclesOf(shown, ({ kind }) => kind === 'compute')]).toEqual([key, busy]);
      // A unit that no layer needs has nothing to show.
      if (busy > 0) expect([key, causesOf(waits)]).toEqual([key, causesOf(waiting)]);
    }
    let end = 0;
    const added = runs.map((run) => {
      const cycles = Math.max(0, run.end - end);
      end += cycles;
      return cycles;
    });
    expect(added).toEqual(chain.layers.map(({ cycles }) => cycles));
    expect(end).toBe(chain.total);
  });
});

/** What a trace shows of each unit, layer and interface is what the run that nobody watches says. */
function expectRun(
  { slices, runs }: MemoryTrace,
  { layers, groups, units, totalCycles }: ProgramResult,
  hasIdealMemory: boolean,
): void {
  for (const unit of ['SA', 'SIMD'] as const) {
    const own = runs.filter(({ layer }) => layer.unit === unit);
    if (own.length === 0) continue;
    const inLane = slices.filter(({ lane: { key } }) => key === (unit === 'SA' ? 'pe-array' : 'simd'));
    expect([unit, cyclesOf(inLane, ({ kind }) => kind === 'compute')]).toEqual([unit, units[unit].busyCycles]);
    for (const [cause, cycles] of Object.entries(units[unit].waiting)) {
      expect([unit, cause, cyclesOf(inLane, (each) => each.cause === cause)]).toEqual([unit, cause, cycles]);
    }
  }
  const window = (place: number): number =>
    runs[place]!.end - Math.max(0, ...runs.slice(0, place).map(({ end }) => end));
  const turned = { SA: 0, SIMD: 0 };
  runs.forEach(({ layer, start, end, unitStart, unitEnd, result, isSecondSide }, place) => {
    const own = slices.filter(({ traced }) => traced.index === place);
    // The time of its unit follows on that of the unit's layer before, and holds all that is computed of it.
    expect([layer.name, unitStart]).toEqual([layer.name, turned[layer.unit]]);
    turned[layer.unit] = unitEnd;
    const computes = own.filter(({ kind }) => kind === 'compute');
    expect(computes.every((each) => each.start >= unitStart && each.end <= unitEnd)).toBe(true);
    const shown = own.filter(({ kind }) => kind === 'layer').map((each) => [each.start, each.end]);
    expect([layer.name, shown]).toEqual([layer.name, isSecondSide ? [] : [[start, end]]]);
    if (!isSecondSide) expect([layer.name, result.totalCycles]).toEqual([layer.name, Math.max(0, window(place))]);
    // Banked memory serves tiles of several layers together.
    for (const name of hasIdealMemory ? INTERFACES : []) {
      const busy = coveredCycles(own, ({ lane: { key } }) => key === `${name}-interface`);
      expect([layer.name, name, busy]).toEqual([layer.name, name, result.interfaceBusyCycles[name]]);
    }
    // Waits behind its unit's last step are the program's, but where it is one group.
    const isTime = ({ kind, cause }: Slice): boolean =>
      kind === 'compute' || (kind === 'wait' && cause !== 'drain' && cause !== 'noWork');
    const { computeCycles, stallCycles, waiting } = result;
    const ownCycles = computeCycles + stallCycles - waiting.drain - waiting.noWork;
    expect([layer.name, cyclesOf(own, isTime)]).toEqual([layer.name, ownCycles]);
  });
  expect(Math.max(...runs.map(({ end }) => end))).toBe(totalCycles);
  const added = [...layers, ...groups].reduce((sum, each) => sum + each.totalCycles, 0);
  expect(added).toBe(totalCycles);
}

function programOf(graph: Graph, on: Hardware, isTraining: boolean): Layer[] {
  try {
    return tileProgram(isTraining ? trainingProgram(graph, 1, 'exact') : inferenceProgram(graph, 2), on);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

describe(`the traces of ${CASES} random networks`, () => {
  it.each([
    ['ideal', IDEAL],
    ['HBM2', memoryPreset('HBM2')],
  ] as const)('show every cycle and every bit of the run, on %s memory', (memory, dram) => {
    let [ran, groupsInAll, together] = [0, 0, 0];
    const cases = fc.tuple(networks, smallMachines, fc.boolean(), fc.boolean(), fc.constantFrom(...FUSIONS));
    fc.assert(
      fc.property(cases, ([graph, on, isTraining, keepsResident, fusion]) => {
        const tiled = programOf(graph, on, isTraining);
        if (tiled.length === 0) return;
        const assumptions = { ...PREFETCH, reloadOperands: !keepsResident };
        const trace = traceInMemory(tiled, on, assumptions, undefined, dram, fusion);
        const { layers, groups } = fuse(tiled, on, fusion);
        expectOrdered(trace);
        expectBandwidth(trace, on);
        expectAllBits(trace);
        const run = complete(new Machine(on, { dram }).runOverlapped(layers, assumptions, groups));
        expectRun(trace, run, memory === 'ideal');
        // What is handed over in a group the page has twice: as what a compute gives and as what another takes.
        if (memory === 'ideal')
          expect(new Set(pageArrows(packedTrace(trace, on, assumptions)))).toEqual(new Set(recordedArrows(trace)));
        ran++;
        groupsInAll += groups.length;
        together += Number(trace.slices.some(({ lane: { name } }) => name === 'Layers 2'));
      }),
      { numRuns: memory === 'ideal' ? CASES : CASES / 4, seed: 1 },
    );
    expect(ran).toBeGreaterThan(CASES / 8);
    expect(groupsInAll).toBeGreaterThan(CASES / 8);
    expect(together).toBeGreaterThan(CASES / 8);
  });
});

/** The value of a counter at a cycle. */
function valuesOf(samples: MemoryTrace['samples']): (name: string, cycle: number) => number {
  return (name, at) => samples.findLast(({ counter, cycle }) => counter.name === name && cycle <= at)?.value ?? 0;
}

describe('a selection', () => {
  const on = hardwarePreset('HI3');
  const layers = inferenceLayers('resnet18', on).slice(0, 5);
  const names = new Set([layers[0]!.name, layers[4]!.name]);

  it.each([
    ['ideal', IDEAL, layers],
    ['HBM2', memoryPreset('HBM2'), layers.slice(2)],
  ] as const)('of layers is what a filter of the whole gives, on %s memory', (_, dram, some) => {
    const whole = traceInMemory(some, on, PREFETCH, undefined, dram);
    const selected = traceInMemory(some, on, PREFETCH, (sink) => new BoundedSink(sink, { layers: names }), dram);
    expect(selected.slices).toEqual(whole.slices.filter(({ traced }) => names.has(traced.layer.name)));
    expect(selected.slices.length).toBeGreaterThan(30);
    expect(selected.runs).toEqual(whole.runs);
  });

  it('has the counters of what is selected alone, beside other layers that run', () => {
    const { slices, samples } = traceInMemory(layers, on, PREFETCH, (sink) => new BoundedSink(sink, { layers: names }));
    const whole = valuesOf(traceInMemory(layers, on, PREFETCH).samples);
    let [held, beside] = [0, 0];
    for (const sample of samples.filter(({ counter }) => counter.unit === 'bits')) {
      const { counter, cycle, value } = sample;
      const within = slices.filter(
        ({ kind, lane: { key }, start, end }) =>
          kind === 'hold' && key === counter.key && start <= cycle && cycle < end,
      );
      expect([counter.name, cycle, value]).toEqual([
        counter.name,
        cycle,
        within.reduce((sum, { bits }) => sum + bits, 0),
      ]);
      held++;
      if (whole(counter.name, cycle) > value) beside++;
    }
    expect(held).toBeGreaterThan(30);
    expect(beside).toBeGreaterThan(0);
  });
});
