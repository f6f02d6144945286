/** Random conv and gemm layers with real data, those of training among them. */
import type seedrandom from 'seedrandom';
import { IDEAL } from '../../model/dram/model.ts';
import {
  CONV_DIMS,
  type ConvDim,
  type ConvSizes,
  OUTPUT_STATIONARY,
  type SaLayer,
  WEIGHT_STATIONARY,
} from '../../model/layers/layer.ts';
import { ceilDiv, roundUpTo } from '../../model/layers/rounding.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { coveredSizes, perDim, saShapes } from '../../model/schedule/saTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { directConv } from './directConv.ts';
import type { CaseMachine, DrawnCase } from './drawnCase.ts';
import { FunctionalSa } from './functionalSa.ts';
import {
  type ConvWithData,
  type ForwardConv,
  inputGradientConv,
  outputPlane,
  weightGradientConv,
} from './gradientConvs.ts';
import { integer, shuffled } from './random.ts';
import { randomAssumptions, randomDram, randomHardware, randomTensor, randomTile } from './randomParameters.ts';
import { enlarged, filled, firstDifference, type Tensor } from './tensor.ts';

export const SA_OPERATIONS = ['conv', 'conv dX', 'conv dW', 'gemm', 'gemm dX', 'gemm dW', 'one-row gemm'] as const;
export type SaOperationName = (typeof SA_OPERATIONS)[number];

const MOST_STEPS = 150;

/** A convolution with its operands and, unless zero, its bias. */
type Operands = ConvWithData & { readonly bias?: Tensor };

/** One random layer of the given kind: any tile, loop order, slots and assumptions. */
export function drawSaCase(random: seedrandom.PRNG, operation: SaOperationName): DrawnCase {
  const hardware = randomHardware(random);
  const operands = drawOperands(random, operation);
  const layer = drawLayer(random, operands, hardware);
  return saCase(
    operation,
    layer,
    { hardware, dram: randomDram(random), assumptions: randomAssumptions(random, hardware) },
    operands,
  );
}

/** A given conv or gemm with random data. */
export function saCaseOf(
  random: seedrandom.PRNG,
  layer: SaLayer,
  hardware: Hardware,
  assumptions: Assumptions,
): DrawnCase {
  const machine = { hardware, dram: IDEAL, assumptions };
  return saCase(layer.op, layer, machine, randomConv(random, layer.op, layer.sizes, layer.stride));
}

function saCase(operation: string, layer: SaLayer, machine: CaseMachine, operands: Operands): DrawnCase {
  const start = (assumptions: Assumptions) => setUp(layer, machine.hardware, assumptions, operands);
  return { ...machine, operation, layer, setUp: start };
}

/** DRAM with the operands, zeros where the tiles reach beyond them, and no psums yet. */
function setUp(layer: SaLayer, hardware: Hardware, assumptions: Assumptions, operands: Operands) {
  const { fullEdgeTiles } = assumptions;
  const shapes = saShapes(coveredSizes(layer, fullEdgeTiles), layer.stride);
  const { weight, ifmap, bias = filled([1, 1, 1, 1], 0), expected } = operands;
  const psum = filled(shapes.psum, Number.NaN);
  const observer = new FunctionalSa(layer, hardware, fullEdgeTiles, {
    weight: enlarged(weight, shapes.weight),
    ifmap: enlarged(ifmap, shapes.ifmap),
    bias: enlarged(bias, shapes.bias),
    psum,
  });
  const difference = (): string | undefined => {
    const wrong = firstDifference(psum, expected);
    return wrong && `ofmap${wrong}`;
  };
  return { observer, difference };
}

function drawOperands(random: seedrandom.PRNG, operation: SaOperationName): Operands {
  const upTo = (most: number): number => integer(random, 1, most);
  const one = { kh: 1, kw: 1, oh: 1, ow: 1 };
  switch (operation) {
    case 'conv': {
      const sizes = { oc: upTo(10), ic: upTo(12), kh: upTo(4), kw: upTo(4), n: upTo(3), oh: upTo(6), ow: upTo(6) };
      return randomConv(random, 'conv', sizes, upTo(3));
    }
    case 'gemm':
      return randomConv(random, 'gemm', { ...one, oc: upTo(20), ic: upTo(24), n: integer(random, 2, 12) }, 1);
    case 'one-row gemm':
      return randomConv(random, 'gemm', { ...one, oc: upTo(24), ic: upTo(24), n: 1 }, 1);
    case 'conv dX':
      return randomInputGradient(random, randomForwardConv(random));
    case 'conv dW':
      return randomWeightGradient(random, randomForwardConv(random));
    case 'gemm dX':
      return randomInputGradient(random, randomForwardGemm(random));
    case 'gemm dW':
      return randomWeightGradient(random, randomForwardGemm(random));
  }
}

function randomConv(random: seedrandom.PRNG, op: SaLayer['op'], sizes: ConvSizes, stride: number): Operands {
  const shapes = saShapes(sizes, stride);
  const weight = randomTensor(random, shapes.weight);
  const ifmap = randomTensor(random, shapes.ifmap);
  const bias = randomTensor(random, shapes.bias);
  return { operation: { op, sizes, stride }, weight, ifmap, bias, expected: directConv(weight, ifmap, bias, stride) };
}

function randomForwardConv(random: seedrandom.PRNG): ForwardConv {
  const upTo = (most: number): number => integer(random, 1, most);
  const [KH, KW, padding] = [upTo(3), upTo(3), integer(random, 0, 2)];
  const side = (kernel: number): number => integer(random, Math.max(1, kernel - 2 * padding), 6);
  const [H, W] = [side(KH), side(KW)];
  return { op: 'conv', batch: upTo(3), OC: upTo(10), IC: upTo(8), KH, KW, H, W, stride: upTo(3), padding };
}

function randomForwardGemm(random: seedrandom.PRNG): ForwardConv {
  const upTo = (most: number): number => integer(random, 1, most);
  const point = { KH: 1, KW: 1, H: 1, W: 1, stride: 1, padding: 0 };
  return { op: 'gemm', batch: upTo(8), OC: upTo(20), IC: upTo(20), ...point };
}

function randomOutputGradient(random: seedrandom.PRNG, forward: ForwardConv): Tensor {
  const { OH, OW } = outputPlane(forward);
  return randomTensor(random, [forward.batch, forward.OC, OH, OW]);
}

function randomInputGradient(random: seedrandom.PRNG, forward: ForwardConv): Operands {
  const { OC, IC, KH, KW } = forward;
  return inputGradientConv(forward, randomTensor(random, [OC, IC, KH, KW]), randomOutputGradient(random, forward));
}

function randomWeightGradient(random: seedrandom.PRNG, forward: ForwardConv): Operands {
  const { batch, IC, H, W } = forward;
  return weightGradientConv(forward, randomTensor(random, [batch, IC, H, W]), randomOutputGradient(random, forward));
}

/** Channels padded to the array, a tile of any size and, half of the time, any loop order. */
function drawLayer(random: seedrandom.PRNG, { operation }: Operands, hardware: Hardware): SaLayer {
  const { op, stride } = operation;
  const { rows, columns } = hardware.array;
  const unit = (dim: ConvDim): number => (dim === 'ic' ? rows : dim === 'oc' ? columns : 1);
  const sizes = perDim((dim) => roundUpTo(operation.sizes[dim], unit(dim)));
  const tile: Record<ConvDim, number> = { ...sizes };
  let mostTrips = MOST_STEPS;
  for (const dim of shuffled(random, CONV_DIMS)) {
    tile[dim] = randomTile(random, sizes[dim], unit(dim), mostTrips);
    mostTrips = Math.floor(mostTrips / ceilDiv(sizes[dim], tile[dim]));
  }
  const defaultOrder = op === 'gemm' && sizes.n === 1 ? OUTPUT_STATIONARY : WEIGHT_STATIONARY;
  return {
    unit: 'SA',
    name: op,
    op,
    sizes,
    tile,
    stride,
    loopOrder: random() < 0.5 ? defaultOrder : shuffled(random, CONV_DIMS),
    bits: hardware.bits,
  };
}
