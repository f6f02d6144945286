import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { type Reliefs, Relieving } from '../../src/studies/explain/reliefs.ts';
import { amountOf, type ResourceName, refusalOf, withAmount } from '../../src/studies/explain/resources.ts';
import { tryRetile } from '../../src/studies/explain/tileLevers.ts';
import { type Point, Trials } from '../../src/studies/explain/trials.ts';
import { drain } from '../support/drain.ts';
import { type DrawnLayer, drawLayers, drawOddLayers, namedLayer } from '../support/drawnLayers.ts';

const samples = [...drawLayers(50, 'bottlenecks'), ...drawOddLayers(10, 'bottlenecks')];
const pointOf = ({ hardware }: DrawnLayer): Point => ({ hardware, dram: { kind: 'ideal' } });

function reliefsOf(sample: DrawnLayer): Reliefs {
  return drain(new Relieving(sample.layer, pointOf(sample), new Trials(HARDWARE), sample.retile).all());
}

/** Cycles with other amounts of some resources, tiled anew; undefined where that cannot be. */
function cyclesWith(
  { hardware, retile }: DrawnLayer,
  amounts: Partial<Record<ResourceName, number>>,
): number | undefined {
  const names = Object.keys(amounts) as ResourceName[];
  const start: Point = { hardware, dram: { kind: 'ideal' } };
  const point = names.reduce((at, name) => withAmount(at, name, amounts[name]!), start);
  const tiled = refusalOf(point) === undefined ? tryRetile(retile, point.hardware) : undefined;
  return tiled && new Machine(point.hardware).run(tiled, HARDWARE).totalCycles;
}

/** What twice as much of one resource saves, from given amounts of others. */
function worth(sample: DrawnLayer, name: ResourceName, amounts: Partial<Record<ResourceName, number>> = {}): number {
  const now = amounts[name] ?? amountOf(pointOf(sample), name);
  const doubled = cyclesWith(sample, { ...amounts, [name]: 2 * now });
  return doubled === undefined ? 0 : cyclesWith(sample, amounts)! - doubled;
}

const RESOURCES: Readonly<Record<'SA' | 'SIMD', readonly ResourceName[]>> = {
  SA: ['weight', 'ifmap', 'psum', 'rows', 'columns'],
  SIMD: ['vmem', 'columns'],
};

describe('the bottlenecks of random layers are true', () => {
  it('interfaces, rows, columns and a pair are among them, and a layer with none', () => {
    const found = new Set(samples.map((sample) => reliefsOf(sample).bottleneck?.relief.resources.join(' and ')));
    expect(found).toEqual(new Set(['vmem', 'weight', 'psum', 'rows', 'columns', 'weight and rows', undefined]));
  });

  it.each(samples)('$title', (sample) => {
    const { reliefs, bottleneck } = reliefsOf(sample);
    const cycles = cyclesWith(sample, {})!;
    const names = RESOURCES[sample.layer.unit];
    const worths = new Map(names.map((name) => [name, worth(sample, name)]));
    const alone = reliefs.filter(({ resources }) => resources.length === 1);
    expect(alone.map(({ worthCycles }) => worthCycles)).toEqual([...worths.values()].sort((a, b) => b - a));
    for (const { resources, worthCycles } of alone) expect(worthCycles).toBe(worths.get(resources[0]!));

    const most = Math.max(...worths.values());
    if (most >= 0.01 * cycles) {
      expect(bottleneck!.relief.worthCycles).toBe(most);
    } else if (bottleneck === undefined) {
      expect(Math.max(...reliefs.map(({ worthCycles }) => worthCycles))).toBeLessThan(0.01 * cycles);
    } else {
      const [first, second] = bottleneck.relief.resources as [ResourceName, ResourceName];
      const twice = (name: ResourceName): number => 2 * amountOf(pointOf(sample), name);
      const doubled = cyclesWith(sample, { [first]: twice(first), [second]: twice(second) })!;
      expect(bottleneck.relief.worthCycles).toBe(cycles - doubled);
      expect(cycles - doubled).toBeGreaterThanOrEqual(0.01 * cycles);
    }
  });

  it.each(samples)('and move where it says: $title', (sample) => {
    const { bottleneck } = reliefsOf(sample);
    if (bottleneck === undefined || bottleneck.relief.resources.length > 1) return;
    const { relief, movesAt, larger } = bottleneck;
    const name = relief.resources[0]!;
    for (const { amounts, cycles } of larger) expect(cyclesWith(sample, { [name]: amounts[0]! })).toBe(cycles);
    if (movesAt === undefined) return;
    const others = RESOURCES[sample.layer.unit].filter((other) => other !== name);
    const strongest = (at: number): number => Math.max(...others.map((other) => worth(sample, other, { [name]: at })));
    const amount = movesAt.amounts[0]!;
    const hasMoved = (at: number): boolean =>
      strongest(at) > worth(sample, name, { [name]: at }) &&
      strongest(at) >= 0.01 * cyclesWith(sample, { [name]: at })!;
    expect(cyclesWith(sample, { [name]: amount })).toBe(movesAt.cycles);
    expect(strongest(amount)).toBe(movesAt.toWorthCycles);
    expect(worth(sample, movesAt.to[0]!, { [name]: amount })).toBe(movesAt.toWorthCycles);
    expect(hasMoved(amount)).toBe(true);
    // Bandwidth is found to the bit per cycle, rows and columns in powers of two.
    expect(hasMoved(larger.length > 0 ? amount / 2 : amount - 1)).toBe(false);
  });
});

describe('the bottleneck', () => {
  it('of a layer that computes nearly all the time is the array: AlexNet conv3 on HI2', () => {
    // Six tiles of 64 filters. A tile takes 169·9·⌈192/32⌉·⌈64/32⌉ + 31 + 31 = 18,314 cycles; before the first, 3,464
    // for its weights and bias, after the last, 1,352 for its ofmap. With 64 rows: 169·9·3·2 + 63 + 31 = 9,220.
    const { reliefs, bottleneck } = reliefsOf(namedLayer('alexnet', 'conv3', 'HI2'));
    expect(bottleneck!.relief).toMatchObject({ resources: ['rows'], amounts: [32], doubledCycles: 6 * 9_220 + 4_816 });
    expect(bottleneck!.relief.worthCycles).toBe(6 * (18_314 - 9_220));
    // Psums: half of the last store is 676 cycles, 0.6 % of the layer.
    expect(reliefs.find(({ resources }) => resources[0] === 'psum')!.worthCycles).toBe(676);
    // 288 KiB of WBuf would have to be there for 256 rows: 2·256·32·9 bytes are 144, twice that for 512.
    expect(bottleneck!.refusal).toContain('sramKiB.wbuf would have to be at least 288 KiB');
  });

  it('of an addition is the VMem interface: its transfers never hide', () => {
    // Three tensors of 256·56·56 words are 77,070,336 bits, 150,528 cycles at 512: twice the bandwidth saves half.
    const { bottleneck } = reliefsOf(namedLayer('resnet50', 'layer1.0.add', 'HI3'));
    expect(bottleneck!.relief).toMatchObject({ resources: ['vmem'], worthCycles: 75_264 });
  });

  it('of a batch-1 gemm is the weight interface with the rows that take what it brings', () => {
    // 64 rows take 512 bits of weights a cycle, all that there are: neither alone helps.
    const { reliefs, bottleneck } = reliefsOf(namedLayer('resnet50', 'fc', 'HI3'));
    expect(bottleneck!.relief.resources).toEqual(['weight', 'rows']);
    expect(reliefs.slice(1).every(({ worthCycles }) => worthCycles < 331)).toBe(true);
  });

  it('alone is compared with that pair wherever rows take no more weights', () => {
    const { reliefs, bottleneck } = reliefsOf(namedLayer('resnet50', 'layer4.0.conv2', 'HI3'));
    expect(bottleneck!.relief.resources).toEqual(['columns']);
    expect(reliefs.at(-1)!.resources).toEqual(['weight', 'rows']);
  });

  it('is none where nothing helps: three channels on 64 rows', () => {
    const { bottleneck } = reliefsOf(namedLayer('resnet50', 'conv1', 'HI3'));
    expect(bottleneck).toBeUndefined();
  });
});

describe('twice of the columns costs cycles where they only pad', () => {
  /** What twice the columns takes more, as `explain` says it. */
  const costOf = (name: string): number => {
    const { reliefs } = reliefsOf(namedLayer('resnet18', name, 'HI3'));
    return -reliefs.find(({ resources }) => resources[0] === 'columns')!.worthCycles;
  };

  it('of a relu of 64 channels: 128 travel', () => {
    // 64·112·112 words of 32 bits in and as many out, 50,176 cycles each at 512 bits, and then twice that; 16 tiles,
    // each of which the pipeline enters over as many cycles as there are lanes. What it computes is the same.
    expect(costOf('relu')).toBe(2 * 50_176 + 16 * 64);
  });

  it('of a conv whose kernel no longer fits: conv1 of ResNet-18 on HI3', () => {
    // Weights of a tile, in bytes, of the 256 KiB of a slot: all of the kernel, then a quarter in each of four passes,
    // so that psums leave and come back three times.
    expect([7 * 7 * 64 * 64 <= 2 ** 18, 7 * 7 * 64 * 128 <= 2 ** 18, 4 * 4 * 64 * 128 <= 2 ** 18]).toEqual([
      true,
      false,
      true,
    ]);
    const { hardware, layer, retile } = namedLayer('resnet18', 'conv1', 'HI3');
    const wide = retile({ ...hardware, array: { rows: 64, columns: 128 } });
    const kernelOf = ({ tile }: typeof layer): unknown => ('kh' in tile ? [tile.kh, tile.kw] : undefined);
    expect([kernelOf(layer), kernelOf(wide)]).toEqual([
      [7, 7],
      [4, 4],
    ]);
    expect(costOf('conv1')).toBeGreaterThan(0);
  });

  it('of the smallest layer: one element, 8 cycles and then 11', () => {
    // A word of 32 bits in at as many per cycle, one instruction in six stages, and out: 1 + 6 + 1. Two lanes take
    // two words, and the pipeline one cycle more: 2 + 7 + 2.
    const layers = [{ name: 'relu', op: 'relu', inputs: ['input'], dimensions: { C: 1, H: 1, W: 1 } }];
    const workload = parseWorkload({ name: 'one', input: { C: 1, H: 1, W: 1 }, layers }, 'one.json');
    const program = inferenceProgram(buildGraph(workload, 'one.json'), 1);
    const { hardware } = namedLayer('resnet18', 'relu', 'HI3');
    const cyclesOn = (columns: number): number => {
      const point: Hardware = {
        ...hardware,
        array: { rows: 1, columns },
        bitsPerCycle: { ...hardware.bitsPerCycle, vmem: 32 },
      };
      return new Machine(point).run(tileProgram(program, point)[0]!, HARDWARE).totalCycles;
    };
    expect([cyclesOn(1), cyclesOn(2)]).toEqual([8, 11]);
  });
});
