/** The trace in Perfetto's own format, read by another decoder: what is in it is what the recorder told. */
import { describe, expect, it } from 'vitest';
import { type DramModel, IDEAL } from '../../src/model/dram/model.ts';
import type { Fusion } from '../../src/model/fusion/groups.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { chromeWriter } from '../../src/views/trace/chromeTrace.ts';
import { lanesOf } from '../../src/views/trace/lanes.ts';
import { perfettoWriter } from '../../src/views/trace/perfettoTrace.ts';
import { type Slice, sliceFields, sliceName, type TraceSink } from '../../src/views/trace/slice.ts';
import { tracedProgram } from '../../src/views/trace/tracedUnits.ts';
import type { TraceSettings } from '../../src/views/trace/traceFile.ts';
import { utf8Bytes } from '../../src/views/trace/utf8.ts';
import { dramPreset } from '../support/dram.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { arrowsOf, type PerfettoTrace, readPerfetto } from '../support/perfettoTrace.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';

const settings: TraceSettings = {
  version: '1',
  hardware: 'HI3',
  workload: 'net',
  phase: 'inference',
  batch: 1,
  assumptions: ['reload-operands'],
  dram: 'ideal',
  clockPicoseconds: 965,
  selection: {},
};

interface Both {
  readonly told: MemoryTrace;
  readonly file: PerfettoTrace;
  readonly bytes: number;
  /** Of the same trace as JSON. */
  readonly jsonBytes: number;
  /** Slices for which there was no room. */
  readonly refused: number;
}

/** A run as the recorder told it and as the file says it. */
function both(
  layers: readonly Layer[],
  hardware: Hardware,
  dram: DramModel = IDEAL,
  { megabytes = 256, fusion = 'none' as Fusion, prefetch = false } = {},
): Both {
  const pieces: Uint8Array[] = [];
  let jsonBytes = 0;
  let refused = 0;
  const shown = tracedProgram(layers, hardware, { fusion }).units.flatMap((unit) => unit.shown);
  const lanes = lanesOf(hardware, { dram, layers: shown, isOverlapped: prefetch }).all;
  const limit = { megabytes, longestNotice: 'cut', layers: shown };
  const writer = perfettoWriter(lanes, settings, limit, (piece) => pieces.push(piece));
  const json = chromeWriter(lanes, settings, { ...limit, megabytes: 256 }, (text) => {
    jsonBytes += utf8Bytes(text);
  });
  const tee = (sink: TraceSink): TraceSink => ({
    slice: (slice) => {
      json.slice(slice);
      if (writer.slice(slice)) return sink.slice(slice);
      refused++;
      return false;
    },
    flow: (flow) => json.flow(flow) && writer.flow(flow) && sink.flow(flow),
    counter: (sample) => json.counter(sample) && writer.counter(sample) && sink.counter(sample),
  });
  const told = traceInMemory(layers, hardware, { ...HARDWARE, prefetch }, tee, dram, fusion);
  for (const each of [writer, json]) each.end({ runs: told.runs, notice: undefined, counterEnds: [] });
  const bytes = Buffer.concat(pieces);
  return { told, file: readPerfetto(bytes), bytes: bytes.length, jsonBytes, refused };
}

/** What a slice says of itself; its length is there anyway. */
function argsOf(slice: Slice): Record<string, string | number> {
  const { cycles, ...args } = sliceFields(slice);
  expect(cycles).toBe(slice.end - slice.start);
  return args;
}

const place = (lane: string, start: number, end: number): string => `${lane} ${start}–${end}`;

function expectSame({ told, file }: { told: MemoryTrace; file: PerfettoTrace }): void {
  const shown = file.slices.map(({ track, name, category, start, end, args }) => [
    place(track.name, start, end),
    ...[name, category, args],
  ]);
  const expected = told.slices.map((slice) => [
    place(slice.lane.name, slice.start, slice.end),
    ...[sliceName(slice), slice.kind, argsOf(slice)],
  ]);
  const byText = (a: unknown[], b: unknown[]): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect(shown.sort(byText)).toEqual(expected.sort(byText));
  expect(file.samples.map(({ track, cycle, value }) => `${track.name} ${track.unit} ${cycle} ${value}`)).toEqual(
    told.samples.map(({ counter, cycle, value }) => `${counter.name} ${counter.unit} ${cycle} ${value}`),
  );
  // An arrow begins at the slice that holds its first cycle.
  const ends = new Map(told.slices.map((slice) => [`${slice.lane.name} ${slice.end - 1}`, slice]));
  const arrows = told.flows.map(({ from, to }) => {
    const { lane, start, end } = ends.get(`${from.lane.name} ${from.cycle}`)!;
    return `${place(lane.name, start, end)} → ${to.lane.name} ${to.cycle}`;
  });
  const drawn = arrowsOf(file).map(
    ({ from, to }) => `${place(from.track.name, from.start, from.end)} → ${to.track.name} ${to.start}`,
  );
  expect(drawn.sort()).toEqual(arrows.sort());
}

describe("a trace in Perfetto's format", () => {
  const hardware = hardwarePreset('HI3');
  const few = inferenceLayers('resnet18', hardware).slice(0, 6);
  const whole = both(few, hardware);

  it('has the slices, counters and arrows of the run', () => {
    expect(whole.told.flows.length).toBeGreaterThan(100);
    expectSame(whole);
  });

  it('takes a third of the bytes of the JSON', () => {
    const { bytes, jsonBytes } = whole;
    expect(bytes / jsonBytes).toBeGreaterThan(0.3);
    expect(bytes / jsonBytes).toBeLessThan(0.36);
  });

  it('has those of training, where one compute makes what several stores take', () => {
    const HT1 = hardwarePreset('HT1');
    const ops = new Set<string>();
    // One layer of each operation of the SIMD array, for a single image.
    const layers = trainingLayers('resnet18', HT1, 'exact').flatMap((layer) => {
      if (layer.unit === 'SA' || ops.has(layer.op)) return [];
      ops.add(layer.op);
      return [{ ...layer, sizes: { ...layer.sizes, c: Math.min(64, layer.sizes.c), n: 1 } }];
    });
    const run = both(layers, HT1);
    const from = new Map<string, number>();
    for (const {
      from: { lane, cycle },
    } of run.told.flows) {
      const key = `${lane.name} ${cycle}`;
      from.set(key, (from.get(key) ?? 0) + 1);
    }
    expect(Math.max(...from.values())).toBeGreaterThan(1);
    expectSame(run);
  });

  it('has fused groups, whose tiles are both stored and handed over', () => {
    const layers = inferenceLayers('resnet18', hardware).slice(0, 12);
    const run = both(layers, hardware, IDEAL, { fusion: 'chains' });
    const isHandedOver = run.told.flows.some(
      ({ from, to }) => from.lane.name === 'PE array' && to.lane.name === 'SIMD pipeline',
    );
    expect(isHandedOver).toBe(true);
    expectSame(run);
    const training = trainingLayers('resnet18', hardwarePreset('HT1'), 'exact', 1).slice(0, 9);
    expectSame(both(training, hardwarePreset('HT1'), IDEAL, { fusion: 'chains' }));
  });

  it('has layers that overlap, in tracks of their own', () => {
    const run = both(few, hardware, IDEAL, { fusion: 'pairs', prefetch: true });
    expectSame(run);
    const layers = [...run.file.tracks.values()].filter(({ name }) => name.startsWith('Layers'));
    expect(layers.slice(0, 2).map(({ name }) => name)).toEqual(['Layers', 'Layers 2']);
    expect(new Set(layers.map(({ parent }) => run.file.tracks.get(parent!)!.name))).toEqual(new Set(['Network']));
    expect(run.file.slices.some(({ track }) => track.name === 'Layers 2')).toBe(true);
  });

  it('has the channels of banked memory', () => {
    const dram: DramModel = { kind: 'banked', spec: dramPreset('HBM2'), layout: 'tiles', sharing: 'split' };
    const run = both(inferenceLayers('resnet18', hardware).slice(-2), hardware, dram);
    expectSame(run);
    expect(run.told.slices.some(({ kind }) => kind === 'refresh')).toBe(true);
  });

  it('nests the tracks: kinds of resources, components, their lanes and counters', () => {
    const { tracks } = whole.file;
    const pathOf = (uuid: number): string => {
      const { parent, name } = tracks.get(uuid)!;
      return parent === undefined ? name : `${pathOf(parent)} / ${name}`;
    };
    const top = 'net inference, batch 1, on HI3';
    const paths = [...tracks.keys()].map(pathOf);
    expect(paths.slice(0, 6)).toEqual([
      top,
      ...['Run', 'Layers', 'Compute', 'Compute / PE array', 'Compute / SIMD pipeline'].map(
        (path) => `${top} / ${path}`,
      ),
    ]);
    expect(paths.filter((path) => path.includes('WBuf') || path.includes('wbuf'))).toEqual([
      `${top} / SRAM slots / WBuf`,
      `${top} / SRAM slots / WBuf / WBuf slot 0`,
      `${top} / SRAM slots / WBuf / WBuf slot 1`,
      `${top} / SRAM slots / WBuf / wbuf occupancy`,
    ]);
    expect(paths).toContain(`${top} / Off-chip interfaces / psum interface / psum interface bandwidth asked for`);
    // Shown in this order: every parent asks for its children's ranks, which are 0, 1, 2, ….
    const shown = [...tracks.values()];
    for (const { uuid } of shown) {
      const ranks = shown.filter(({ parent }) => parent === uuid).map(({ rank }) => rank);
      expect(ranks).toEqual([...ranks.keys()]);
    }
    for (const { ordering } of tracks.values()) expect(ordering).toBe(3);
  });

  it('says what was run in a mark at its beginning', () => {
    const { selection: _, ...rest } = settings;
    const { marks } = whole.file;
    expect(marks.map(({ name, start, args }) => [name, start, args])).toEqual([
      ['settings', 0, { ...rest, assumptions: 'reload-operands', timeUnit: '1 µs here is 1 cycle' }],
    ]);
  });

  it('never gets larger than it may, and has no gap where it is cut', () => {
    const run = both(few, hardware, IDEAL, { megabytes: 0.04 });
    expect(run.refused).toBeGreaterThan(0);
    expect(run.bytes).toBeLessThanOrEqual(40_000);
    expectSame(run);
  });
});
