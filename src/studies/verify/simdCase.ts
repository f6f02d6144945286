/** Random layers of every SIMD operation with real data. */
import type seedrandom from 'seedrandom';
import { IDEAL } from '../../model/dram/model.ts';
import {
  inBoth,
  NO_WINDOW,
  type SimdLayer,
  type SimdSizes,
  UNIT_SLIDING,
  type Window,
} from '../../model/layers/layer.ts';
import { ceilDiv, roundUpTo } from '../../model/layers/rounding.ts';
import { type Operand, type SimdOp, simdOperation } from '../../model/operations/simdTable.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { coveredSimdSizes, simdShape } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { CaseMachine, DrawnCase } from './drawnCase.ts';
import { FunctionalSimd } from './functionalSimd.ts';
import { integer } from './random.ts';
import { randomAssumptions, randomDram, randomHardware, randomTensor, randomTile } from './randomParameters.ts';
import { computeChannel } from './simdReference.ts';
import { at, enlarged, filled, firstDifference, placeOf, type Tensor, tensorOf } from './tensor.ts';

const MOST_PLANE_TILES = 64;

/** Divisions round, so that the order of sums shows. */
const ROUNDING_TOLERANCE = 1e-9;
const ROUNDING_OPS: ReadonlySet<SimdOp> = new Set<SimdOp>([
  'avg-pool',
  'global-avg-pool',
  'avg-pool-grad',
  'global-avg-pool-grad',
  'bn-statistics',
  'bn-normalise',
  'bn-grad',
]);

/** One random layer of an operation: any tile, slots and assumptions. */
export function drawSimdCase(random: seedrandom.PRNG, op: SimdOp): DrawnCase {
  const hardware = randomHardware(random);
  const sizes = randomSizes(random, op);
  const layer = drawLayer(random, op, sizes, randomWindow(random, op), hardware);
  const machine = { hardware, dram: randomDram(random), assumptions: randomAssumptions(random, hardware) };
  return simdCase(random, layer, sizes, machine);
}

/** A given layer with random data. */
export function simdCaseOf(
  random: seedrandom.PRNG,
  layer: SimdLayer,
  hardware: Hardware,
  assumptions: Assumptions,
): DrawnCase {
  return simdCase(random, layer, layer.sizes, { hardware, dram: IDEAL, assumptions });
}

/** `sizes` are those of the data, before channels are padded. */
function simdCase(random: seedrandom.PRNG, layer: SimdLayer, sizes: SimdSizes, machine: CaseMachine): DrawnCase {
  const { op, window } = layer;
  const inputs = randomInputs(random, op, sizes, window);
  const expected = directResults({ ...layer, sizes, tile: sizes }, inputs);
  const start = (assumptions: Assumptions) => setUp(layer, machine.hardware, assumptions, inputs, expected);
  return { ...machine, operation: op, layer, setUp: start };
}

/** DRAM with the inputs, zeros where tiles reach beyond them; a haloed output starts at zero, others are not there. */
function setUp(
  layer: SimdLayer,
  hardware: Hardware,
  assumptions: Assumptions,
  inputs: ReadonlyMap<string, Tensor>,
  expected: ReadonlyMap<string, Tensor>,
) {
  const { fullEdgeTiles } = assumptions;
  const covered = coveredSimdSizes(layer, fullEdgeTiles);
  const dram = new Map<string, Tensor>();
  for (const { tensor, extent } of operandsOf(layer.op)) {
    const shape = simdShape(extent, covered, layer.window);
    const input = inputs.get(tensor);
    if (input !== undefined) dram.set(tensor, enlarged(input, shape));
    else dram.set(tensor, filled(shape, extent === 'window' ? 0 : Number.NaN));
  }
  const tolerance = ROUNDING_OPS.has(layer.op) ? ROUNDING_TOLERANCE : 0;
  const difference = (): string | undefined => {
    for (const [tensor, wanted] of expected) {
      const wrong = firstDifference(dram.get(tensor)!, wanted, tolerance);
      if (wrong !== undefined) return `${tensor}${wrong}`;
    }
    return undefined;
  };
  return { observer: new FunctionalSimd(layer, hardware, fullEdgeTiles, dram), difference };
}

/** What a layer of one tile stores, by the operation's definition. */
function directResults(layer: SimdLayer, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const stored = simdOperation(layer.op).parts.flatMap(({ stores }) => stores);
  const results = new Map(
    stored.map(({ tensor, extent }) => [tensor, filled(simdShape(extent, layer.sizes, layer.window), 0)]),
  );
  const place = (name: string, ...coordinates: [number, number, number, number]): number =>
    placeOf(results.get(name)!.sizes, ...coordinates);
  for (let c = 0; c < layer.sizes.c; c++) {
    computeChannel(layer, {
      element: (name, n, h, w) => at(inputs.get(name)!, c, n, h, w),
      channel: (name) => inputs.get(name)!.data[c]!,
      put: (name, n, h, w, value) => {
        results.get(name)!.data[place(name, c, n, h, w)] = value;
      },
      add: (name, n, h, w, value) => {
        results.get(name)!.data[place(name, c, n, h, w)]! += value;
      },
      putChannel: (name, value) => {
        results.get(name)!.data[c] = value;
      },
    });
  }
  return results;
}

/** All tensors that an operation's parts load and store. */
function operandsOf(op: SimdOp): Operand[] {
  return simdOperation(op).parts.flatMap(({ loads, stores }) => [...loads, ...stores]);
}

/** What an operation loads and has not stored before. */
function inputOperands(op: SimdOp): Operand[] {
  const stored = new Set<string>();
  return simdOperation(op).parts.flatMap(({ loads, stores }) => {
    const inputs = loads.filter(({ tensor }) => !stored.has(tensor));
    for (const { tensor } of stores) stored.add(tensor);
    return inputs;
  });
}

function randomInputs(random: seedrandom.PRNG, op: SimdOp, sizes: SimdSizes, window: Window): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  for (const { tensor, extent } of inputOperands(op)) {
    if (inputs.has(tensor)) continue;
    const shape = simdShape(extent, sizes, window);
    // A max pool's index says which place of the window was the largest.
    const lastTap = window.kh * window.kw - 1;
    const isIndex = tensor === 'index';
    inputs.set(tensor, isIndex ? tensorOf(shape, () => integer(random, 0, lastTap)) : randomTensor(random, shape));
  }
  return inputs;
}

function randomSizes(random: seedrandom.PRNG, op: SimdOp): SimdSizes {
  const c = integer(random, 1, 10);
  const upTo = (most: number): number => integer(random, 1, most);
  switch (op) {
    case 'global-avg-pool':
    case 'global-avg-pool-grad':
    case 'sgd-2d':
      return { c, n: upTo(8), h: 1, w: 1 };
    case 'sgd-1d':
      return { c: upTo(40), n: 1, h: 1, w: 1 };
    default:
      return { c, n: upTo(4), h: upTo(6), w: upTo(6) };
  }
}

/** Of pools and their gradients; a global pool's is the whole image. */
function randomWindow(random: seedrandom.PRNG, op: SimdOp): Window {
  if (!op.includes('pool')) return NO_WINDOW;
  const [kh, kw] = [integer(random, 1, 4), integer(random, 1, 4)];
  if (op.includes('global')) return { kh, kw, ...UNIT_SLIDING };
  return { kh, kw, stride: { h: integer(random, 1, 3), w: integer(random, 1, 3) }, dilation: inBoth(1) };
}

/** Channels padded to the lanes. */
function drawLayer(
  random: seedrandom.PRNG,
  op: SimdOp,
  { c, n, h, w }: SimdSizes,
  window: Window,
  hardware: Hardware,
): SimdLayer {
  const lanes = hardware.array.columns;
  const sizes = { c: roundUpTo(c, lanes), n, h, w };
  let mostTiles = MOST_PLANE_TILES;
  const tileOf = (size: number): number => {
    const tile = randomTile(random, size, 1, mostTiles);
    mostTiles = Math.floor(mostTiles / ceilDiv(size, tile));
    return tile;
  };
  return {
    unit: 'SIMD',
    name: op,
    op,
    sizes,
    tile: { c: randomTile(random, sizes.c, lanes, sizes.c), n: tileOf(n), h: tileOf(h), w: tileOf(w) },
    window,
    bits: { input: integer(random, 1, 32), output: integer(random, 1, 32), psum: hardware.bits.psum },
  };
}
