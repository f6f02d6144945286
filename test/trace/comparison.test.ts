/** How two runs on a page are compared: layers paired, groups as one, causes that add up. */
import { describe, expect, it } from 'vitest';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { RunFileLayer } from '../../src/model/schemas/runFile.ts';
import { differenceOf } from '../../src/studies/check/difference.ts';
import {
  type ComparedRun,
  comparedLayers,
  longestComparedLayers,
  runFromFile,
  tracedRun,
} from '../../src/views/trace/comparison.ts';
import { ComparedHtml } from '../../src/views/trace/htmlTrace.ts';
import { lanesOf } from '../../src/views/trace/lanes.ts';
import { DATA_MARK } from '../../src/views/trace/pageData.ts';
import type { Slice } from '../../src/views/trace/slice.ts';
import { tracedProgram } from '../../src/views/trace/tracedUnits.ts';
import type { TraceSettings, TraceWriter } from '../../src/views/trace/traceFile.ts';
import { traceNetwork } from '../../src/views/trace/traceNetwork.ts';
import { finish, traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

/** A layer that computes so long and waits, of which the fill is a part of one cycle. */
function layer(name: string, busyCycles: number, waiting: Record<string, number> = {}): RunFileLayer {
  const stallCycles = Object.values(waiting).reduce((sum, cycles) => sum + cycles, 0);
  const cycles = { totalCycles: busyCycles + stallCycles, computeCycles: busyCycles, stallCycles };
  const counts = { fillCycles: 0, waiting, dramBits: {}, sramBits: {}, opCounts: {} };
  return { name, op: 'conv', unit: 'SA', closedForm: cycles, simulated: { ...cycles, ...counts } };
}

/** A run whose layers each are one of the page, unless other places are given. */
function run(layers: readonly RunFileLayer[], places = layers.map((_, place) => place)): ComparedRun {
  return { layers, places };
}

describe('two runs compared', () => {
  it('layer by layer: what B takes more, by cause, the largest first', () => {
    const a = run([layer('a', 5, { ifmap: 3 }), layer('b', 4)]);
    const b = run([layer('a', 7, { weight: 9 }), layer('b', 4)]);
    expect(comparedLayers(a, b)).toEqual([
      { a: 0, b: 0, causes: { weight: 9, ifmap: -3, busy: 2 } },
      { a: 1, b: 1, causes: {} },
    ]);
    expect(Object.keys(comparedLayers(a, b)[0]!.causes)).toEqual(['weight', 'ifmap', 'busy']);
  });

  it('the second layer of a name with the second; those of one run alone are counted whole', () => {
    const a = run([layer('a', 5), layer('a', 6), layer('x', 1, { drain: 2 })]);
    const b = run([layer('y', 8), layer('a', 5), layer('a', 9)]);
    expect(comparedLayers(a, b)).toEqual([
      { a: 0, b: 1, causes: {} },
      { a: 1, b: 2, causes: { busy: 3 } },
      { a: 2, causes: { busy: -1, drain: -2 } },
      { b: 0, causes: { busy: 8 } },
    ]);
  });

  // The page shows a group as two layers, its sides, of which the first stands for it.
  const apart = run([layer('conv', 6, { ifmap: 4 }), layer('relu', 3, { vmemLoad: 2 }), layer('fc', 1)]);
  const fused = run([layer('conv', 6, { ifmap: 2, noWork: 4 }), layer('relu', 0), layer('fc', 1)], [0, 0, 2]);

  it('a layer that B fuses stands at the group and saves all its cycles', () => {
    expect(comparedLayers(apart, fused)).toEqual([
      { a: 0, b: 0, causes: { noWork: 4, ifmap: -2 } },
      { a: 1, b: 0, causes: { busy: -3, vmemLoad: -2 } },
      { a: 2, b: 2, causes: {} },
    ]);
  });

  it('a group of A is compared with all its members', () => {
    expect(comparedLayers(fused, apart)).toEqual([
      { a: 0, b: 0, causes: { noWork: -4, busy: 3, ifmap: 2, vmemLoad: 2 } },
      { a: 2, b: 2, causes: {} },
    ]);
  });

  it('a group that only B has stands there once; another member of one that A has in part takes nothing', () => {
    const a = run([layer('conv', 6)]);
    const b = run([layer('conv', 7), layer('relu', 0), layer('dw', 5), layer('add', 0)], [0, 0, 2, 2]);
    expect(comparedLayers(a, b)).toEqual([
      { a: 0, b: 0, causes: { busy: 1 } },
      { b: 2, causes: { busy: 5 } },
    ]);
  });

  it('a file’s layers stand one after the other, members of a group at their conv', () => {
    const members = [layer('conv', 7), { ...layer('relu', 0), unit: 'SIMD' as const, op: 'relu' }].map((each) => ({
      ...each,
      group: 'conv + relu',
    }));
    const { places, figures } = runFromFile({
      ...{ hardware: 'h', workload: 'w', phase: 'inference', batch: 1 },
      layers: [...members, layer('fc', 2, { weight: 3 })],
    });
    expect(places).toEqual([0, 0, 1]);
    expect(figures.map(({ layer: { name }, start, totalCycles }) => [name, start, totalCycles])).toEqual([
      ['conv + relu', 0, 7],
      ['fc', 7, 5],
    ]);
  });

  const layers = inferenceLayers('resnet18', hardwarePreset('HI3'));
  const traced = (hardware: string, together: 'none' | 'pairs' | 'chains' | 'prefetch'): ComparedRun => {
    const prefetch = together === 'prefetch';
    const fusion = together === 'prefetch' ? 'none' : together;
    const point = hardwarePreset(hardware);
    const own = hardware === 'HI3' ? layers : inferenceLayers('resnet18', point);
    const nothing = { wants: () => false, slice: () => false, flow: () => false, counter: () => false };
    return tracedRun(
      tracedProgram(own, point, { fusion }).units,
      finish(traceNetwork(own, point, { ...HARDWARE, prefetch }, nothing, { fusion })),
    );
  };

  it.each([
    ['HI3', 'none', 'HI2', 'none'],
    ['HI3', 'none', 'HI3', 'pairs'],
    ['HI3', 'chains', 'HI2', 'none'],
    ['HI3', 'pairs', 'HI3', 'chains'],
    ['HI3', 'none', 'HI3', 'prefetch'],
  ] as const)('on ResNet-18, %s %s with %s %s: causes add up to the difference, as diff has it', (c, f, d, g) => {
    const [a, b] = [traced(c, f), traced(d, g)];
    const compared = comparedLayers(a, b);
    const asFile = ({ layers: own }: ComparedRun) => ({
      ...{ hardware: '', workload: '', phase: '', batch: 1 },
      layers: [...own],
    });
    const { cycles, causes } = differenceOf(asFile(a), asFile(b));
    const sums = new Map<string, number>();
    for (const each of compared) {
      for (const [cause, change] of Object.entries(each.causes)) sums.set(cause, (sums.get(cause) ?? 0) + change);
    }
    expect(Object.fromEntries([...sums].filter(([, change]) => change !== 0))).toEqual(
      Object.fromEntries(Object.entries(causes).map(([cause, { difference }]) => [cause, difference])),
    );
    expect([...sums.values()].reduce((sum, change) => sum + change, 0)).toBe(cycles.difference);
    const placesOf = (side: 'a' | 'b'): number[] => compared.flatMap((each) => each[side] ?? []);
    expect(placesOf('a')).toEqual([...new Set(a.places)]);
    const ofB = [...new Set(placesOf('b'))].sort((x, y) => x - y);
    // A group of A stands beside the first of its members in B.
    expect(b.places).toEqual(expect.arrayContaining(ofB));
    if (f === 'none') expect(ofB).toEqual([...new Set(b.places)]);
  });

  it('share the room of the file, whose end has its own', () => {
    const hardware = hardwarePreset('HI3');
    const own = layers.slice(0, 2);
    const { runs } = traceInMemory(own, hardware);
    const lanes = lanesOf(hardware).all;
    const settings: TraceSettings = {
      ...{ version: '1.2.3', hardware: 'HI3', workload: 'resnet18', phase: 'inference', batch: 1, assumptions: [] },
      ...{ dram: 'ideal', clockPicoseconds: 965, selection: {} },
    };
    const options = {
      ...{ lanes, settings, hardware, limit: { megabytes: 0.01, longestNotice: 'cut', layers: own } },
      toBase64: (bytes: Uint8Array) => Buffer.from(bytes).toString('base64'),
    };
    const texts: string[] = [];
    const comparison = { names: ['first', 'second'] as const, layers: longestComparedLayers(2, ['ifmap']) };
    const page = new ComparedHtml(
      { template: `<p>${DATA_MARK}</p>`, megabytes: 0.06, a: options, b: options, longestComparison: comparison },
      (text) => texts.push(text),
    );
    const traced = { index: 1, layer: own[1]!, start: 0 };
    const about = { kind: 'compute', traced, step: 0, lastStep: 0, tensor: '', bits: 0, cause: '' } as const;
    const fill = (writer: TraceWriter): number => {
      let taken = 0;
      const slice = (): Slice => ({ ...about, lane: lanes[1]!, start: 2 * taken * 3e9, end: (2 * taken + 1) * 3e9 });
      while (writer.slice(slice())) taken++;
      writer.end({ runs, notice: 'cut', counterEnds: [] });
      return taken;
    };
    const [inA, inB] = [fill(page.beginA()), fill(page.beginB())];
    page.end(comparison);
    expect(Buffer.byteLength(texts.join(''))).toBeLessThanOrEqual(60_000);
    expect(inA).toBeGreaterThan(100);
    // B has the other half, and what room A has kept for figures that turned out shorter.
    expect(inB).toBeGreaterThanOrEqual(inA);
    expect(texts.at(-1)).toBe('</p>');
  });

  it('room is kept for the longest comparison', () => {
    const causes = ['ifmap', 'vmemLoad'];
    const a = run([layer('a', 5, { ifmap: 2 ** 52 }), layer('b', 4)]);
    const b = run([layer('c', 5, { vmemLoad: 2 ** 52 })]);
    const longest = JSON.stringify(longestComparedLayers(3, [...causes, 'busy', 'fill', 'overlap']));
    expect(longest.length).toBeGreaterThanOrEqual(JSON.stringify(comparedLayers(a, b)).length);
  });
});
