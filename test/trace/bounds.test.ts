import { describe, expect, it } from 'vitest';
import { BoundedSink, leftOutInWords, type Selection } from '../../src/trace/bounds.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const hardware = hardwarePreset('HI3');
const layers = inferenceLayers('resnet18', hardware);
const whole = traceInMemory(layers, hardware);

function selected(selection: Selection): MemoryTrace {
  return traceInMemory(layers, hardware, undefined, (sink) => new BoundedSink(sink, selection, () => false));
}

describe('a selection', () => {
  it('of layers, of steps, of lanes or of cycles is what a filter of the whole trace gives', () => {
    const cases: [Selection, (slice: (typeof whole.slices)[number]) => boolean][] = [
      [{ layers: new Set(['layer2.0.conv1']) }, ({ traced }) => traced.layer.name === 'layer2.0.conv1'],
      [{ steps: { first: 1, last: 2 } }, ({ kind, step }) => kind === 'layer' || step === 1 || step === 2],
      [{ lanes: new Set(['obuf', 'simd']) }, ({ lane }) => lane.key === 'obuf' || lane.key === 'simd'],
      [{ cycles: { first: 50_000, last: 60_000 } }, ({ start, end }) => start <= 60_000 && end > 50_000],
    ];
    for (const [selection, passes] of cases) {
      const { slices } = selected(selection);
      const key = ({ lane, start, end }: (typeof slices)[number]): string => `${lane.name} ${start} ${end}`;
      expect(slices.length).toBeGreaterThan(0);
      expect(slices.map(key)).toEqual(whole.slices.filter(passes).map(key));
    }
  });

  it('draws no arrow to or from a slice that is not there', () => {
    const { slices, flows } = selected({ lanes: new Set(['ifmap-interface', 'pe-array']) });
    const hasSlice = ({ lane, cycle }: (typeof flows)[number]['from']): boolean =>
      slices.some((slice) => slice.lane === lane && slice.start <= cycle && cycle < slice.end);
    expect(flows.length).toBeGreaterThan(0);
    expect(flows.every(({ from, to }) => hasSlice(from) && hasSlice(to))).toBe(true);
    expect(selected({ lanes: new Set(['psum-interface']) }).flows).toEqual([]);
  });

  it('has the counters of its lanes and layers, and none with steps', () => {
    const { samples } = selected({ lanes: new Set(['obuf']), layers: new Set(['conv1']) });
    expect(new Set(samples.map(({ counter }) => counter.name))).toEqual(new Set(['obuf occupancy']));
    expect(new Set(samples.map(({ layer }) => layer.name))).toEqual(new Set(['conv1']));
    expect(selected({ steps: { first: 0, last: 0 } }).samples).toEqual([]);
  });
});

describe('a full file', () => {
  it('takes nothing more, and says what is left out and from where on', () => {
    let taken = 0;
    let bound: BoundedSink | undefined;
    const { slices } = traceInMemory(layers, hardware, undefined, (sink) => {
      const counting = {
        ...sink,
        slice: (slice: Parameters<typeof sink.slice>[0]) => ++taken > 0 && sink.slice(slice),
      };
      bound = new BoundedSink(counting, {}, () => taken >= 100);
      return bound;
    });
    const next = whole.slices[100]!;
    expect(slices).toHaveLength(100);
    expect(bound!.leftOut).toEqual({
      slices: whole.slices.length - 100,
      cycle: next.start,
      layer: next.traced.layer.name,
    });
    expect(leftOutInWords({ slices: 7, cycle: 3, layer: 'conv1' }, 256)).toBe(
      'the size limit of 256 MB is reached: 7 slices from cycle 3 (conv1) on are left out; ' +
        'select less with --layer, --steps, --cycles or --lanes, or raise --max-size',
    );
  });
});
