/** Random conv and gemm layers with real data, those of training among them. */
import type seedrandom from 'seedrandom';
import { IDEAL } from '../../model/dram/model.ts';
import { integer, shuffled } from '../../model/engine/random.ts';
import {
  CONV_DIMS,
  type ConvDim,
  type ConvSizes,
  OUTPUT_STATIONARY,
  type PerDirection,
  type SaLayer,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../model/layers/layer.ts';
import { ceilDiv, roundUpTo } from '../../model/layers/rounding.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { coveredSizes, perDim, type SaTensorName, saShapes } from '../../model/schedule/saTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { directConv, type Grouped } from './directConv.ts';
import type { CaseMachine, DrawnCase } from './drawnCase.ts';
import { FunctionalSa, type SaTensors } from './functionalSa.ts';
import {
  type ConvWithData,
  type ForwardConv,
  inputGradientConv,
  outputPlane,
  transposedConv,
  weightGradientConv,
} from './gradientConvs.ts';
import { randomAssumptions, randomDram, randomHardware, randomTensor, randomTile } from './randomParameters.ts';
import { enlargedGroups, filled, firstDifference, type Tensor, withoutGaps } from './tensor.ts';

export const SA_OPERATIONS = [
  'conv',
  'grouped conv',
  'transposed conv',
  'conv dX',
  'conv dW',
  'gemm',
  'grouped gemm',
  'gemm dX',
  'gemm dW',
  'one-row gemm',
] as const;
export type SaOperationName = (typeof SA_OPERATIONS)[number];

const MOST_STEPS = 150;

/** A convolution with its operands and, unless zero, its bias. */
type Operands = ConvWithData & { readonly bias?: Tensor };

/** A layer with data, and what a direct computation makes of them. */
export interface DrawnConv {
  readonly layer: SaLayer;
  readonly operands: Operands;
}

/** One random conv or gemm of the given kind, in any tile and loop order. */
export function drawConv(random: seedrandom.PRNG, operation: SaOperationName, hardware: Hardware): DrawnConv {
  const operands = drawOperands(random, operation);
  return { layer: drawLayer(random, operands, hardware), operands };
}

/** One random layer of the given kind: any tile, loop order, slots and assumptions. */
export function drawSaCase(random: seedrandom.PRNG, operation: SaOperationName): DrawnCase {
  const hardware = randomHardware(random);
  const { layer, operands } = drawConv(random, operation, hardware);
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
  return saCase(layer.op, layer, machine, randomConv(random, layer.op, layer.sizes, layer));
}

function saCase(operation: string, layer: SaLayer, machine: CaseMachine, operands: Operands): DrawnCase {
  const start = (assumptions: Assumptions) => setUp(layer, machine.hardware, assumptions, operands);
  return { ...machine, operation, layer, setUp: start };
}

/** The axis along which a tensor's groups follow each other. */
const GROUP_AXIS = { weight: 0, ifmap: 1, bias: 0, psum: 1 } as const satisfies Record<SaTensorName, number>;

/** DRAM with the operands, each group of its own, zeros where the tiles reach beyond them, and no psums yet. */
export function saTensors({ layer, operands }: DrawnConv, edgesAreFull: boolean): SaTensors {
  const { groups } = layer;
  const shapes = saShapes(coveredSizes(layer, edgesAreFull), layer, groups);
  const { expected: _, ...given } = operands;
  const psum = filled(shapes.psum, Number.NaN);
  const inDram = (tensor: Exclude<SaTensorName, 'psum'>): Tensor => {
    const data = given[tensor];
    return data === undefined
      ? filled(shapes[tensor], 0)
      : enlargedGroups(data, shapes[tensor], GROUP_AXIS[tensor], groups);
  };
  return { weight: inDram('weight'), ifmap: inDram('ifmap'), bias: inDram('bias'), psum };
}

/** The first element of the ofmap that is not what a direct computation gives, in words. */
export function ofmapDifference({ layer, operands: { expected } }: DrawnConv, { psum }: SaTensors): string | undefined {
  const wrong = firstDifference(withoutGaps(psum, expected.sizes, GROUP_AXIS.psum, layer.groups), expected);
  return wrong && `ofmap${wrong}`;
}

function setUp(layer: SaLayer, hardware: Hardware, assumptions: Assumptions, operands: Operands) {
  const { fullEdgeTiles } = assumptions;
  const tensors = saTensors({ layer, operands }, fullEdgeTiles);
  const observer = new FunctionalSa(layer, hardware, fullEdgeTiles, tensors);
  return { observer, difference: () => ofmapDifference({ layer, operands }, tensors) };
}

function drawOperands(random: seedrandom.PRNG, operation: SaOperationName): Operands {
  const upTo = (most: number): number => integer(random, 1, most);
  const one = { kh: 1, kw: 1, oh: 1, ow: 1 };
  const ungrouped = { groups: 1, ...UNIT_SLIDING };
  switch (operation) {
    case 'conv':
    case 'grouped conv': {
      const groups = operation === 'conv' ? 1 : integer(random, 2, 5);
      const pair = (): PerDirection => ({ h: upTo(3), w: upTo(3) });
      const sizes = { oc: upTo(10), ic: upTo(12), kh: upTo(4), kw: upTo(4), n: upTo(3), oh: upTo(6), ow: upTo(6) };
      return randomConv(random, 'conv', sizes, { groups, stride: pair(), dilation: pair() });
    }
    case 'gemm':
      return randomConv(random, 'gemm', { ...one, oc: upTo(20), ic: upTo(24), n: integer(random, 2, 12) }, ungrouped);
    case 'grouped gemm': {
      const groups = integer(random, 2, 6);
      const sizes = { ...one, oc: upTo(12), ic: upTo(12), n: upTo(6) };
      return randomConv(random, 'gemm', sizes, { ...ungrouped, groups });
    }
    case 'one-row gemm':
      return randomConv(random, 'gemm', { ...one, oc: upTo(24), ic: upTo(24), n: 1 }, ungrouped);
    case 'transposed conv':
      return randomTransposedConv(random);
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

/** `sizes` are those of one group. */
function randomConv(random: seedrandom.PRNG, op: SaLayer['op'], sizes: ConvSizes, how: Grouped): Operands {
  const { groups, stride, dilation } = how;
  const shapes = saShapes(sizes, how, groups);
  const weight = randomTensor(random, shapes.weight);
  const ifmap = randomTensor(random, shapes.ifmap);
  const bias = randomTensor(random, shapes.bias);
  const operation = { op, groups, sizes, stride, dilation };
  return { operation, weight, ifmap, bias, expected: directConv(weight, ifmap, bias, how) };
}

function randomForwardConv(random: seedrandom.PRNG): ForwardConv {
  const upTo = (most: number): number => integer(random, 1, most);
  const [KH, KW, groups] = [upTo(3), upTo(3), random() < 0.5 ? 1 : upTo(3)];
  const pair = (most: number): PerDirection => ({ h: upTo(most), w: upTo(most) });
  const zeros = (): number => integer(random, 0, 2);
  const [dilation, padding, after] = [pair(2), { h: zeros(), w: zeros() }, { h: zeros(), w: zeros() }];
  const side = (along: 'h' | 'w', kernel: number): number => {
    const span = (kernel - 1) * dilation[along] + 1;
    return integer(random, Math.max(1, span - padding[along] - after[along]), 6);
  };
  const [H, W] = [side('h', KH), side('w', KW)];
  const channels = { OC: groups * upTo(4), IC: groups * upTo(4) };
  return { op: 'conv', batch: upTo(3), groups, ...channels, KH, KW, H, W, stride: pair(3), dilation, padding, after };
}

function randomForwardGemm(random: seedrandom.PRNG): ForwardConv {
  const upTo = (most: number): number => integer(random, 1, most);
  const none = { h: 0, w: 0 };
  const point = { groups: 1, KH: 1, KW: 1, H: 1, W: 1, ...UNIT_SLIDING, padding: none, after: none };
  return { op: 'gemm', batch: upTo(8), OC: upTo(20), IC: upTo(20), ...point };
}

function randomOutputGradient(random: seedrandom.PRNG, forward: ForwardConv): Tensor {
  const { OH, OW } = outputPlane(forward);
  return randomTensor(random, [forward.batch, forward.OC, OH, OW]);
}

function randomInputGradient(random: seedrandom.PRNG, forward: ForwardConv): Operands {
  const { OC, IC, KH, KW, groups } = forward;
  const weight = randomTensor(random, [OC, IC / groups, KH, KW]);
  return inputGradientConv(forward, weight, randomOutputGradient(random, forward));
}

/** Its definition is that of the input gradient of the conv that it transposes. */
function randomTransposedConv(random: seedrandom.PRNG): Operands {
  const forward = randomForwardConv(random);
  const { OC, IC, KH, KW, groups } = forward;
  const weight = randomTensor(random, [OC, IC / groups, KH, KW]);
  return transposedConv(forward, weight, randomOutputGradient(random, forward));
}

function randomWeightGradient(random: seedrandom.PRNG, forward: ForwardConv): Operands {
  const { batch, IC, H, W } = forward;
  return weightGradientConv(forward, randomTensor(random, [batch, IC, H, W]), randomOutputGradient(random, forward));
}

/** Channels padded to the array, a tile of any size and, half of the time, any loop order. */
function drawLayer(random: seedrandom.PRNG, { operation }: Operands, hardware: Hardware): SaLayer {
  const { op, groups, stride, dilation } = operation;
  const { rows, columns } = hardware.array;
  const unit = (dim: ConvDim): number => (dim === 'ic' ? rows : dim === 'oc' ? columns : 1);
  const sizes = perDim((dim) => roundUpTo(operation.sizes[dim], unit(dim)));
  const tile: Record<ConvDim, number> = { ...sizes };
  let mostTrips = Math.ceil(MOST_STEPS / groups);
  for (const dim of shuffled(random, CONV_DIMS)) {
    tile[dim] = randomTile(random, sizes[dim], unit(dim), mostTrips);
    mostTrips = Math.floor(mostTrips / ceilDiv(sizes[dim], tile[dim]));
  }
  const defaultOrder = op === 'gemm' && sizes.n === 1 ? OUTPUT_STATIONARY : WEIGHT_STATIONARY;
  return {
    unit: 'SA',
    name: op,
    op,
    groups,
    sizes,
    tile,
    stride,
    dilation,
    loopOrder: random() < 0.5 ? defaultOrder : shuffled(random, CONV_DIMS),
    bits: hardware.bits,
  };
}
