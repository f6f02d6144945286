import { describe, expect, it } from 'vitest';
import { type SaLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import { BoundedSink, leftOutInWords, longestNotice } from '../../src/views/trace/bounds.ts';
import type { Selection } from '../../src/views/trace/selection.ts';
import { type CounterSample, type Slice, sliceName, type TraceSink } from '../../src/views/trace/slice.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const hardware = hardwarePreset('HI3');
const layers = inferenceLayers('resnet18', hardware);
const whole = traceInMemory(layers, hardware);

function selected(selection: Selection): MemoryTrace {
  return traceInMemory(layers, hardware, undefined, (sink) => new BoundedSink(sink, selection));
}

const keyOf = ({ lane, start, end }: Slice): string => `${lane.name} ${start} ${end}`;

describe('a selection', () => {
  it('of layers, of steps, of lanes or of cycles is what a filter of the whole trace gives', () => {
    const cases: [Selection, (slice: Slice) => boolean][] = [
      [{ layers: new Set(['layer2.0.conv1']) }, ({ traced }) => traced.layer.name === 'layer2.0.conv1'],
      [
        { steps: { first: 1, last: 2 } },
        ({ kind, step, lastStep }) => kind === 'layer' || (step <= 2 && lastStep >= 1),
      ],
      [{ lanes: new Set(['obuf', 'simd']) }, ({ lane }) => lane.key === 'obuf' || lane.key === 'simd'],
      [{ cycles: { first: 50_000, last: 60_000 } }, ({ start, end }) => start <= 60_000 && end > 50_000],
    ];
    for (const [selection, passes] of cases) {
      const { slices } = selected(selection);
      expect(slices.length).toBeGreaterThan(0);
      expect(slices.map(keyOf)).toEqual(whole.slices.filter(passes).map(keyOf));
    }
  });

  it('of a step has every tile that the step uses, though it came for an earlier one', () => {
    // Steps (oc, n): (0,0) (0,1) (1,0) (1,1). Step 1 uses the weight and the bias of oc-tile 0, which step 0 used first.
    const sizes = { oc: 2, ic: 1, kh: 1, kw: 1, n: 2, oh: 1, ow: 1 };
    const conv: SaLayer = {
      unit: 'SA',
      name: 'conv',
      op: 'conv',
      sizes,
      tile: { ...sizes, oc: 1, n: 1 },
      groups: 1,
      ...UNIT_SLIDING,
      loopOrder: WEIGHT_STATIONARY,
      bits: { ifmap: 8, weight: 8, psum: 8, bias: 8 },
    };
    const bound = (sink: TraceSink): TraceSink => new BoundedSink(sink, { steps: { first: 1, last: 1 } });
    const { slices } = traceInMemory([conv], hardware, undefined, bound);
    const shown = slices.filter(({ kind }) => kind !== 'wait' && kind !== 'layer');
    expect(new Set(shown.map((slice) => `${sliceName(slice)} ${slice.step}`))).toEqual(
      new Set([
        ...['load weight 0', 'load bias 0', 'load ifmap 1', 'compute 1', 'store ofmap 1'],
        ...['hold weight 0', 'hold bias 0', 'hold ifmap 1', 'hold psum 1'],
      ]),
    );
  });

  it('draws no arrow to or from a slice that is not there', () => {
    const { slices, flows } = selected({ lanes: new Set(['ifmap-interface', 'pe-array']) });
    const hasSlice = ({ lane, cycle }: (typeof flows)[number]['from']): boolean =>
      slices.some((slice) => slice.lane === lane && slice.start <= cycle && cycle < slice.end);
    expect(flows.length).toBeGreaterThan(0);
    expect(flows.every(({ from, to }) => hasSlice(from) && hasSlice(to))).toBe(true);
    expect(selected({ lanes: new Set(['psum-interface']) }).flows).toEqual([]);
  });

  it('that nothing lies in is known to be empty', () => {
    for (const [selection, isEmpty] of [
      [{ cycles: { first: 1e8, last: 2e8 } }, true],
      [{ layers: new Set(['conv1']), lanes: new Set(['simd']) }, true],
      [{ layers: new Set(['conv1']) }, false],
    ] as const) {
      let bounded: BoundedSink | undefined;
      traceInMemory(layers, hardware, undefined, (sink) => {
        bounded = new BoundedSink(sink, selection);
        return bounded;
      });
      expect(bounded!.isEmpty).toBe(isEmpty);
    }
  });
});

/** The value of each counter at a cycle, those that are 0 left out. */
function valuesAt(samples: readonly CounterSample[], cycle: number): Record<string, number> {
  const values = new Map<string, number>();
  for (const sample of samples) if (sample.cycle <= cycle) values.set(sample.counter.name, sample.value);
  return Object.fromEntries([...values].filter(([, value]) => value !== 0));
}

describe('the counters of a selection', () => {
  it('are those of its lanes and layers, and none with steps', () => {
    const { samples } = selected({ lanes: new Set(['obuf']), layers: new Set(['conv1']) });
    expect(new Set(samples.map(({ counter }) => counter.name))).toEqual(new Set(['obuf occupancy']));
    expect(new Set(samples.map(({ layer }) => layer.name))).toEqual(new Set(['conv1']));
    expect(selected({ steps: { first: 0, last: 0 } }).samples).toEqual([]);
  });

  it('have at the start of a window the values that they have there in the whole, and 0 behind its end', () => {
    const conv = whole.runs.find(({ layer }) => layer.name === 'layer3.0.conv2')!;
    const first = conv.start + 1000;
    // Both slots of WBuf are held all the time, and no other load begins: only the value at the start tells.
    const { samples } = selected({ cycles: { first, last: first + 100 } });
    expect(Object.keys(valuesAt(samples, first))).toContain('wbuf occupancy');
    for (const cycle of [first, first + 50, first + 100]) {
      expect(valuesAt(samples, cycle)).toEqual(valuesAt(whole.samples, cycle));
    }
    expect(valuesAt(samples, first + 101)).toEqual({});
    expect(samples.every(({ cycle }) => cycle >= first && cycle <= first + 101)).toBe(true);
  });

  it('are 0 between the layers selected', () => {
    const names = ['conv1', 'layer1.0.conv2'];
    const { samples } = selected({ layers: new Set(names) });
    for (const { layer, start, result } of whole.runs) {
      const middle = start + Math.floor(result.totalCycles / 2);
      expect(valuesAt(samples, middle)).toEqual(names.includes(layer.name) ? valuesAt(whole.samples, middle) : {});
    }
  });
});

describe('a full file', () => {
  let taken = 0;
  let bounded: BoundedSink | undefined;
  const { slices, samples } = traceInMemory(layers, hardware, undefined, (sink) => {
    bounded = new BoundedSink({ ...sink, slice: (slice) => ++taken <= 100 && sink.slice(slice) }, {});
    return bounded;
  });

  it('takes nothing more, and says what is left out and from where on', () => {
    const next = whole.slices[100]!;
    expect(slices).toHaveLength(100);
    expect(bounded!.leftOut).toEqual({
      slices: whole.slices.length - 100,
      cycle: next.start,
      layer: next.traced.layer.name,
    });
    expect(leftOutInWords({ slices: 7, cycle: 3, layer: 'conv1' }, 256)).toBe(
      'the size limit of 256 MB is reached: 7 slices from cycle 3 (conv1) on are left out; ' +
        'select less with --layer, --steps, --tile-range, --cycles or --lanes, or raise --max-size',
    );
    expect(leftOutInWords(bounded!.leftOut!, 1).length).toBeLessThan(longestNotice(layers, 1).length);
  });

  it('ends its counters where it is cut', () => {
    const cut = Math.max(...slices.map(({ end }) => end));
    expect(valuesAt(samples, cut - 1)).not.toEqual({});
    expect(valuesAt(samples, cut + 1)).toEqual({});
    expect(Math.max(...samples.map(({ cycle }) => cycle))).toBeLessThanOrEqual(cut + 1);
  });
});
