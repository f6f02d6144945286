/** Traces of runs over banked memory, where transfers overlap and channels have lanes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUTS, type Layout } from '../../src/model/dram/layout.ts';
import { type DramModel, SHARINGS, type Sharing } from '../../src/model/dram/model.ts';
import {
  type Layer,
  NO_WINDOW,
  type SaLayer,
  type SimdLayer,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { BoundedSink } from '../../src/views/trace/bounds.ts';
import { lanesOf } from '../../src/views/trace/lanes.ts';
import { type Slice, sliceFields, sliceName, type TraceSink } from '../../src/views/trace/slice.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';
import { expectAllBits, expectBandwidth, expectExact, expectOrdered } from '../support/traceRules.ts';

function banked(preset: string, sharing: Sharing = 'shared', channels?: number, layout: Layout = 'tiles'): DramModel {
  return { kind: 'banked', spec: dramPreset(preset, channels), layout, sharing };
}

const tiny: Hardware = {
  ...hardwarePreset('HI3'),
  array: { rows: 1, columns: 1 },
  bits: { weight: 512, ifmap: 512, psum: 512, bias: 512 },
  bitsPerCycle: { weight: 512, ifmap: 512, psum: 512, vmem: 512 },
  clockPicoseconds: 1000,
};

function lane({ slices }: MemoryTrace, name: string): string[] {
  return slices.filter((each) => each.lane.name === name).map((each) => `${sliceName(each)} ${each.start}–${each.end}`);
}

describe('the timeline of one burst each way', () => {
  // One element of 512 bits, a burst, over one HBM2 channel at the accelerator's clock: a burst takes 2 cycles on the
  // bus and 1 on the link.
  const relu: SimdLayer = {
    unit: 'SIMD',
    name: 'relu',
    op: 'relu',
    sizes: { c: 1, n: 1, h: 1, w: 1 },
    tile: { c: 1, n: 1, h: 1, w: 1 },
    window: NO_WINDOW,
    bits: { input: 512, output: 512, psum: 512, weight: 1, bias: 1 },
  };
  const trace = traceInMemory([relu], tiny, HARDWARE, undefined, banked('HBM2', 'shared', 1));
  // Compute: 1 for the element and 5 of pipeline fill.
  const computed = 32 + 6;

  it('shows the load from its request, and the channel while the data is on its bus', () => {
    // ACT 1, RD 1 + 1 + 14 = 16 (ACT counts from its first of two cycles), data after CL at 30–32, through the link at 32.
    expect(lane(trace, 'vmem interface')[0]).toBe('load X 0–32');
    expect(lane(trace, 'DRAM channel 0')[0]).toBe('read X 30–32');
    expect(lane(trace, 'SIMD pipeline').at(-2)).toBe(`compute 32–${computed}`);
  });

  it('shows the write where the channel does it, after the layer has ended', () => {
    // The store is over the link a cycle later and accepted in that cycle: it ends at the cycle after. WR needs its own
    // row: ACT a cycle after acceptance, WR 15 later, data after CWL 4 for 2 cycles.
    expect(lane(trace, 'vmem interface')[1]).toBe(`store Y ${computed}–${computed + 2}`);
    expect(lane(trace, 'Layers')).toEqual([`relu 0–${computed + 2}`]);
    const act = computed + 2;
    expect(lane(trace, 'DRAM channel 0')[1]).toBe(`write Y ${act + 15 + 4}–${act + 15 + 4 + 2}`);
  });

  it('names the fields of what a channel does', () => {
    const read = trace.slices.find(({ kind }) => kind === 'read')!;
    expect(sliceFields(read)).toEqual({
      ...{ layer: 'relu', op: 'relu', unit: 'SIMD', tensor: 'X', bits: 512 },
      ...{ rowHits: 0, rowMisses: 1, forwarded: 0, cycles: 2 },
    });
  });
});

describe('tiles that travel at the same time', () => {
  // One weight and one bias, a burst each, from one HBM2 channel of their own.
  const sizes = { oc: 1, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };
  const conv: SaLayer = {
    unit: 'SA',
    name: 'conv',
    op: 'conv',
    sizes,
    tile: sizes,
    groups: 1,
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: { ifmap: 512, weight: 512, psum: 512, bias: 512 },
  };
  const trace = traceInMemory([conv], tiny, HARDWARE, undefined, banked('HBM2', 'private', 1));

  it('lie in lanes of their own, each from when the interface begins with it to its last bit', () => {
    // A channel accepts a burst a cycle: the weight's in cycle 0, when the interface turns to the bias. The weight is
    // there after 32 cycles, as above. The bias, in another bank group, gets its ACT RRD_S 4 after the weight's at 1, so
    // RD is at 5 + 15 = 20 and its data at 34–36.
    expect(lane(trace, 'weight interface')).toEqual(['load weight 0–32']);
    expect(lane(trace, 'weight interface 2')).toEqual(['load bias 0–36']);
    expect(lane(trace, 'weight DRAM channel 0').slice(0, 2)).toEqual(['read weight 30–32', 'read bias 34–36']);
  });

  it('are never more than the lanes of their interface', () => {
    const names = lanesOf(tiny, { dram: banked('HBM2'), layers: [conv] }).all.filter(
      ({ kind }) => kind === 'interface',
    );
    // WBuf and BBuf have two slots each, IBuf and OBuf two; no layer uses VMem.
    expect(names.map(({ name }) => name)).toEqual([
      ...['weight interface', 'weight interface 2', 'weight interface 3', 'weight interface 4'],
      ...['ifmap interface', 'ifmap interface 2', 'psum interface', 'psum interface 2', 'vmem interface'],
    ]);
  });
});

/** Bits that the channels have served for a layer. */
function servedBits({ slices }: MemoryTrace, index: number): number {
  const served = slices.filter(({ traced, kind }) => traced.index === index && (kind === 'read' || kind === 'write'));
  return served.reduce((sum, { bits }) => sum + bits, 0);
}

/** The channels serve each layer's bursts, all of them; a burst is a hit, a miss or forwarded. */
function expectAllBursts(trace: MemoryTrace, burstBits: number): void {
  trace.runs.forEach(({ layer, result }, index) => {
    expect([layer.name, servedBits(trace, index)]).toEqual([layer.name, burstBits * result.memory!.bursts]);
  });
  const wrong = trace.slices.filter(({ kind, bits, bursts }) => {
    if (kind !== 'read' && kind !== 'write') return false;
    const { rowHits, rowMisses, forwarded } = bursts!;
    return burstBits * (rowHits + rowMisses + forwarded) !== bits;
  });
  expect(wrong).toEqual([]);
}

const memories: [string, DramModel][] = [
  ['HBM2', banked('HBM2')],
  ['DDR4-2400, split', banked('DDR4-2400', 'split', 4)],
  ['HBM2, a copy each', banked('HBM2', 'private')],
];

describe.each(memories)('ResNet-18 on HI3 over %s', (_, dram) => {
  const hi3 = hardwarePreset('HI3');
  // Under verify all layers; else the first, on both arrays, with tiles at all edges.
  const layers = inferenceLayers('resnet18', hi3).slice(0, process.env['SYSTOLE_VERIFY'] === '1' ? undefined : 20);
  const trace = traceInMemory(layers, hi3, HARDWARE, undefined, dram);

  it('adds up to the run, bit by bit and cycle by cycle, in lanes that never overlap', () => {
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    expectBandwidth(trace, hi3);
  });

  it('shows every burst and every refresh in its channel', () => {
    expectAllBursts(trace, 512);
    // A tile is a whole number of bytes, but perhaps not of bursts.
    const asked = trace.slices.filter(({ kind }) => kind === 'load' || kind === 'store');
    const bursts = asked.reduce((sum, { bits }) => sum + Math.ceil(bits / 512), 0);
    expect(trace.runs.reduce((sum, { result }) => sum + result.memory!.bursts, 0)).toBe(bursts);
    // What is due while the last writes drain comes after the run's count.
    const refreshes = trace.slices.filter(({ kind }) => kind === 'refresh').length;
    const counted = trace.runs.reduce((sum, { result }) => sum + result.memory!.refreshes, 0);
    expect(refreshes).toBeGreaterThanOrEqual(counted);
    expect(refreshes - counted).toBeLessThanOrEqual(lanesOf(hi3, { dram }).channels.length);
  });

  it('merges bursts that follow each other: far fewer slices than bursts', () => {
    const stretches = trace.slices.filter(({ kind }) => kind === 'read' || kind === 'write').length;
    const bursts = trace.runs.reduce((sum, { result }) => sum + result.memory!.bursts, 0);
    expect(10 * stretches).toBeLessThan(bursts);
  });
});

describe('random layers on banked memory', () => {
  const anyCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
    saCases({ randomSlots: true, randomOrder: true, mostMacs: 20_000 }),
    fc
      .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
      .chain((op) => simdCases(op, { randomSlots: true }))
      // SGD writes a parameter where it has read it: at one width.
      .map(({ hardware, layer }) => ({
        hardware,
        layer: { ...layer, bits: { ...layer.bits, output: layer.bits.input } },
      })),
  );
  const clocks = fc.constantFrom(300, 965, 1000, 1220, 4000);
  const models = fc
    .record({
      preset: fc.constantFrom('HBM2', 'DDR4-2400', 'LPDDR4', 'HBM1'),
      sharing: fc.constantFrom(...SHARINGS),
      channels: fc.constantFrom(4, 8),
      layout: fc.constantFrom(...LAYOUTS),
    })
    .map(({ preset, sharing, channels, layout }) => banked(preset, sharing, channels, layout));

  const check = (
    { hardware, layer }: Case<Layer>,
    clockPicoseconds: number,
    assumptions: Assumptions,
    dram: DramModel,
  ): void => {
    fc.pre(isDefined({ hardware, layer }, assumptions));
    const clocked = { ...hardware, clockPicoseconds };
    // Twice, so that writes of the first layer may fall into the second.
    const trace = traceInMemory([layer, layer], clocked, assumptions, undefined, dram);
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    expectBandwidth(trace, clocked);
    expectAllBursts(trace, 8 * (dram as Extract<DramModel, { kind: 'banked' }>).spec.organization.bytesPerAccess);
  };

  it('add up, whatever the memory, its clock and its layout', () => {
    fc.assert(fc.property(anyCase, clocks, assumptionSets, models, check), sample(75));
  });

  it('take the same cycles with and without somebody who watches', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, models, ({ hardware, layer }, assumptions, dram) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const [watched] = traceInMemory([layer], hardware, assumptions, undefined, dram).runs;
        expect(watched!.result).toEqual(new Machine(hardware, { dram }).run(layer, assumptions));
      }),
      sample(30),
    );
  });
});

describe('what a selection shows of channels', () => {
  const hi3 = hardwarePreset('HI3');
  const layers = inferenceLayers('resnet18', hi3).slice(0, 4);
  const keyOf = ({ lane: { name }, start, end }: Slice): string => `${name} ${start} ${end}`;

  it('is what a filter of the whole gives, though only the layers selected are watched tile by tile', () => {
    const whole = traceInMemory(layers, hi3, HARDWARE, undefined, banked('HBM2'));
    const { name } = layers[1]!;
    const selection = { layers: new Set([name]), lanes: new Set(['dram-channel']) };
    const bound = (sink: TraceSink): TraceSink => new BoundedSink(sink, selection);
    const { slices } = traceInMemory(layers, hi3, HARDWARE, bound, banked('HBM2'));
    const expected = whole.slices.filter(({ lane: { key }, traced }) => key === 'dram-channel' && traced.index === 1);
    expect(slices.length).toBeGreaterThan(0);
    expect(slices.map(keyOf)).toEqual(expected.map(keyOf));
  });
});
