/** Networks whose shapes chain whatever their sizes: what the parser lets through reaches the models. */
import type seedrandom from 'seedrandom';
import { choose } from '../../src/model/engine/random.ts';
import type { SeedFile } from './seeds.ts';

type Random = seedrandom.PRNG;

const CHANNELS = [1, 3, 10, 16, 48, 64, 100];
const MANY_CHANNELS = [1000, 2 ** 16, 2 ** 20, 999_999_937, 2 ** 30];
const SIDES = [1, 2, 5, 7, 8, 15, 32];
const LONG_SIDES = [224, 4096, 65_537, 2 ** 20];
const LARGE_SHARE = 0.08;

const channels = (random: Random): number => choose(random, random() < LARGE_SHARE ? MANY_CHANNELS : CHANNELS);
const side = (random: Random): number => choose(random, random() < LARGE_SHARE ? LONG_SIDES : SIDES);

/** A convolution, what follows it, and a gemm, of sizes that are drawn. */
export function drawnNetwork(random: Random): SeedFile {
  const input = { C: channels(random), H: side(random), W: side(random) };
  const [stride, pad] = [choose(random, [1, 1, 2, 3]), choose(random, [0, 0, 1, 2])];
  const kernel = Math.min(choose(random, [1, 2, 3, 5, 7]), input.H + 2 * pad, input.W + 2 * pad);
  const along = (extent: number): number => Math.floor((extent + 2 * pad - kernel) / stride) + 1;
  const isGrouped = random() < 0.1;
  const plane = { C: isGrouped ? input.C : channels(random), H: along(input.H), W: along(input.W) };
  const dimensions = { OC: plane.C, IC: input.C, KH: kernel, KW: kernel, OH: plane.H, OW: plane.W };
  const groups = isGrouped ? { groups: input.C, unit: 'SA' } : {};
  const conv = {
    name: 'conv1',
    op: 'conv',
    inputs: ['input'],
    dimensions,
    stride,
    padding: pad,
    bias: true,
    ...groups,
  };
  const follows = choose(random, ['relu', 'batch-norm', 'tensor-add']);
  const inputs = follows === 'tensor-add' ? ['conv1', 'conv1'] : ['conv1'];
  const pooled = {
    name: 'pool',
    op: 'global-avg-pool',
    inputs: ['a'],
    dimensions: { C: plane.C, IH: plane.H, IW: plane.W },
  };
  const fc = {
    name: 'fc',
    op: 'gemm',
    inputs: ['pool'],
    dimensions: { OC: channels(random), IC: plane.C },
    bias: false,
  };
  const layers = [conv, { name: 'a', op: follows, inputs, dimensions: plane }, pooled, fc];
  return { name: 'workload.json', bytes: Buffer.from(JSON.stringify({ name: 'drawn', input, layers })) };
}
