/** Random layers of every SIMD operation with real data. */
import type seedrandom from 'seedrandom';
import { IDEAL } from '../../model/dram/model.ts';
import { integer } from '../../model/engine/random.ts';
import {
  inBoth,
  NO_WINDOW,
  type PerDirection,
  type SimdLayer,
  type SimdSizes,
  UNIT_SLIDING,
  type Window,
} from '../../model/layers/layer.ts';
import { ceilDiv, roundUpTo } from '../../model/layers/rounding.ts';
import {
  isImmediate,
  type Operand,
  type SimdOperation,
  type Source,
  tensorShape,
} from '../../model/operations/simdRow.ts';
import { type SimdOp, simdOperation } from '../../model/operations/simdTable.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { coveredSimdSizes } from '../../model/schedule/simdTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { CaseMachine, DrawnCase } from './drawnCase.ts';
import { FunctionalSimd } from './functionalSimd.ts';
import { randomAssumptions, randomDram, randomHardware, randomTensor, randomTile } from './randomParameters.ts';
import { computeChannel } from './simdReference.ts';
import { at, enlarged, filled, firstDifference, placeOf, type Tensor, tensorOf } from './tensor.ts';

const MOST_PLANE_TILES = 64;

/** Divisions round, so that the order of sums shows. */
const ROUNDING_TOLERANCE = 1e-9;
/** Constants that no binary fraction is. */
const ROUNDED_CONSTANTS: ReadonlySet<string> = new Set(['sixth', 'third', 'share', 'minusGelu0']);

/** Whether an operation divides, takes roots or powers, or multiplies with what is rounded. */
function isRounding({ parts }: SimdOperation): boolean {
  const isRounded = (source: Source | undefined): boolean =>
    source !== undefined && ROUNDED_CONSTANTS.has(isImmediate(source) ? source.imm : source.tensor);
  return parts.some(({ instructions }) =>
    instructions.some(
      ({ alu, a, b }) => alu === 'div' || alu === 'exp' || alu === 'invSqrt' || isRounded(a) || isRounded(b),
    ),
  );
}

/** Whether an operation takes powers, or divides by a tensor: its operands are small then, and none of them zero. */
export function needsSmall({ parts }: SimdOperation): boolean {
  return parts.some(({ instructions }) =>
    instructions.some(
      ({ alu, b }) =>
        alu === 'exp' || alu === 'invSqrt' || (alu === 'div' && b && !isImmediate(b) && b.dims.length > 0),
    ),
  );
}

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
  for (const operand of operandsOf(layer.op)) {
    const { tensor } = operand;
    const shape = tensorShape(operand, covered, layer.window);
    const input = inputs.get(tensor);
    // What only fills a tile adds nothing to a sum of powers.
    if (input !== undefined)
      dram.set(tensor, enlarged(input, shape, layer.op === 'softmax' ? Number.NEGATIVE_INFINITY : 0));
    else dram.set(tensor, filled(shape, operand.adds === true ? 0 : Number.NaN));
  }
  const tolerance = isRounding(simdOperation(layer.op)) ? ROUNDING_TOLERANCE : 0;
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
    stored.map((operand) => [operand.tensor, filled(tensorShape(operand, layer.sizes, layer.window), 0)]),
  );
  const place = (name: string, ...coordinates: [number, number, number, number]): number =>
    placeOf(results.get(name)!.sizes, ...coordinates);
  for (let c = 0; c < layer.sizes.c; c++) {
    computeChannel(layer, {
      element: (name, n, h, w) => {
        const tensor = inputs.get(name)!;
        const [channels, images, rows, columns] = tensor.sizes;
        // What a tensor does not depend on, it is the same for.
        const within = (place: number, size: number): number => (size === 1 ? 0 : place);
        return at(tensor, within(c, channels), within(n, images), within(h, rows), within(w, columns));
      },
      put: (name, n, h, w, value) => {
        results.get(name)!.data[place(name, c, n, h, w)] = value;
      },
      add: (name, n, h, w, value) => {
        results.get(name)!.data[place(name, c, n, h, w)]! += value;
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
  const isSmall = needsSmall(simdOperation(op));
  for (const operand of inputOperands(op)) {
    const { tensor } = operand;
    if (inputs.has(tensor)) continue;
    const shape = tensorShape(operand, sizes, window);
    // A max pool's index says which place of the window was the largest.
    const lastTap = window.kh * window.kw - 1;
    if (tensor === 'index') {
      inputs.set(
        tensor,
        tensorOf(shape, () => integer(random, 0, lastTap)),
      );
      continue;
    }
    const whole = randomTensor(random, shape);
    inputs.set(tensor, isSmall ? { ...whole, data: whole.data.map((value) => (2 * value + 1) / 64) } : whole);
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
      // Where lanes hold rows, n counts what each of them steps over.
      return simdOperation(op).partsInOnePass === undefined
        ? { c, n: upTo(4), h: upTo(6), w: upTo(6) }
        : { c, n: upTo(24), h: 1, w: 1 };
  }
}

/** A window of the operation's kind; a global pool's is the whole image. */
export function randomWindow(random: seedrandom.PRNG, op: SimdOp): Window {
  const [kh, kw] = [integer(random, 1, 4), integer(random, 1, 4)];
  switch (simdOperation(op).window) {
    case 'none':
      return NO_WINDOW;
    case 'line':
      return { kh, kw: 1, ...UNIT_SLIDING };
    case 'blocks':
      return { kh, kw, stride: { h: kh, w: kw }, dilation: inBoth(1) };
    case 'sliding': {
      if (op.includes('global')) return { kh, kw, ...UNIT_SLIDING };
      const pair = (most: number): PerDirection => ({ h: integer(random, 1, most), w: integer(random, 1, most) });
      return { kh, kw, stride: pair(3), dilation: op.includes('pool') ? inBoth(1) : pair(2) };
    }
  }
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
    bits: {
      input: integer(random, 1, 32),
      output: integer(random, 1, 32),
      psum: hardware.bits.psum,
      weight: hardware.bits.weight,
      bias: hardware.bits.bias,
    },
  };
}
