/**
 * Networks of a layer or two in which the operations of both arrays occur: what a hunt runs is read from an ordinary
 * workload, so that the file it writes is the case that it has tried.
 */
import type { Workload } from '../../model/schemas/workload.ts';

/** The numbers of a network, by the names of `SIZES`. */
export type NetworkNumbers = Readonly<Record<string, number>>;

/** The layer that is looked for; others only surround it. */
export const HUNTED = 'it';

/** A network by its numbers. */
export interface NetworkKind {
  /** The numbers that it is made of, beside the batch. */
  readonly sizes: readonly string[];
  /** Which tile its layer may be given, if any: one whose sides are parts of the network's sizes. */
  readonly tile: 'SA' | 'SIMD' | undefined;
  readonly hasGradient: boolean;
  /** `isTraining`: with a trained layer before it, or nobody would ask for its gradient. */
  readonly workload: (numbers: NetworkNumbers, isTraining: boolean) => Workload;
}

type Draft = Readonly<Record<string, unknown>> & { readonly op: string };
interface Shape {
  readonly C: number;
  readonly H: number;
  readonly W: number;
}

/** A network of our own making needs no schema; that each is one that the schema takes is tested. */
const network = (input: Shape, layers: readonly object[]): Workload =>
  ({ name: 'case', input, layers }) as unknown as Workload;

/** One layer on the network's input; trained, on what another has made of it. */
function onInput(input: Shape, draft: Draft, isTraining: boolean): Workload {
  const before = { name: 'before', inputs: ['input'], op: 'prelu', dimensions: input };
  const it = { name: HUNTED, inputs: [isTraining ? 'before' : 'input'], ...draft };
  return network(input, isTraining ? [before, it] : [it]);
}

const PLANE = ['C', 'H', 'W'] as const;
const WINDOWED = [...PLANE, 'KH', 'KW', 'S_h', 'S_w'] as const;

const extent = (out: number, stride: number, kernel: number, dilation = 1): number =>
  (out - 1) * stride + (kernel - 1) * dilation + 1;

function plane(draft: Draft, isRowwise = false): NetworkKind {
  return {
    sizes: PLANE,
    tile: isRowwise ? undefined : 'SIMD',
    hasGradient: true,
    workload: ({ C, H, W }, isTraining) => {
      const shape = { C: C!, H: H!, W: W! };
      return onInput(shape, { ...draft, dimensions: shape }, isTraining);
    },
  };
}

/** H and W are the output's, as in the operations table. */
function pool(op: 'max-pool' | 'avg-pool'): NetworkKind {
  return {
    sizes: WINDOWED,
    tile: 'SIMD',
    hasGradient: true,
    workload: ({ C, H, W, KH, KW, S_h, S_w }, isTraining) =>
      onInput(
        { C: C!, H: extent(H!, S_h!, KH!), W: extent(W!, S_w!, KW!) },
        { op, dimensions: { C, KH, KW, OH: H, OW: W }, stride: [S_h, S_w], padding: 0 },
        isTraining,
      ),
  };
}

/** The second operand of an element-wise operation. */
type Second = 'same' | 'scalar' | 'per-channel' | 'shared' | 'per-image';

function arithmetic(op: string, second: Second): NetworkKind {
  return {
    sizes: PLANE,
    tile: 'SIMD',
    hasGradient: true,
    workload: ({ C, H, W }) => {
      const shape = { C: C!, H: H!, W: W! };
      const column = { C: C!, H: 1, W: 1 };
      const it = (inputs: readonly string[], more: object = {}) => ({
        ...{ name: HUNTED, inputs, op, dimensions: shape },
        ...more,
      });
      switch (second) {
        case 'same':
          return network(shape, [it(['input', 'input'])]);
        case 'scalar':
          return network(shape, [it(['input'], { scalar: 2 })]);
        case 'per-channel':
          return network(shape, [
            { name: 'second', inputs: [], op: 'parameter', dimensions: column },
            it(['input', 'second']),
          ]);
        case 'shared':
          return network(shape, [
            { name: 'second', inputs: [], op: 'parameter', dimensions: shape },
            it(['input', 'second']),
          ]);
        case 'per-image': {
          const dimensions = { C, IH: H, IW: W };
          return network(shape, [
            { name: 'second', inputs: ['input'], op: 'global-avg-pool', dimensions },
            it(['input', 'second']),
          ]);
        }
      }
    },
  };
}

/** H and W are the input's. */
function upsample(mode: 'nearest' | 'bilinear'): NetworkKind {
  return {
    sizes: [...PLANE, 'KH', 'KW'],
    tile: 'SIMD',
    hasGradient: true,
    workload: ({ C, H, W, KH, KW }, isTraining) =>
      onInput(
        { C: C!, H: H!, W: W! },
        { op: 'upsample', mode, dimensions: { C, IH: H, IW: W, OH: H! * KH!, OW: W! * KW! } },
        isTraining,
      ),
  };
}

/** OC and IC are those of a group. */
const conv: NetworkKind = {
  sizes: ['OC', 'IC', 'KH', 'KW', 'OH', 'OW', 'G', 'S_h', 'S_w', 'D_h', 'D_w'],
  tile: 'SA',
  hasGradient: true,
  workload: ({ OC, IC, KH, KW, OH, OW, G, S_h, S_w, D_h, D_w }, isTraining) => {
    const [outputs, channels] = [OC! * G!, IC! * G!];
    return onInput(
      { C: channels, H: extent(OH!, S_h!, KH!, D_h), W: extent(OW!, S_w!, KW!, D_w) },
      {
        op: 'conv',
        dimensions: { OC: outputs, IC: channels, KH, KW, OH, OW },
        ...{ stride: [S_h, S_w], padding: 0, dilation: [D_h, D_w], bias: true },
        ...(G === 1 ? {} : { groups: G }),
        // A conv of as many groups as channels runs where the others do.
        ...(G! > 1 && OC === 1 && IC === 1 ? { unit: 'SA' } : {}),
      },
      isTraining,
    );
  },
};

const gemm: NetworkKind = {
  sizes: ['OC', 'IC', 'G'],
  tile: 'SA',
  hasGradient: true,
  workload: ({ OC, IC, G }, isTraining) => {
    const groups = G === 1 ? {} : { groups: G };
    const dimensions = { OC: OC! * G!, IC: IC! * G! };
    return onInput({ C: IC! * G!, H: 1, W: 1 }, { op: 'gemm', dimensions, bias: true, ...groups }, isTraining);
  },
};

const depthwise: NetworkKind = {
  sizes: [...WINDOWED, 'D_h', 'D_w'],
  tile: 'SIMD',
  hasGradient: true,
  workload: ({ C, H, W, KH, KW, S_h, S_w, D_h, D_w }, isTraining) =>
    onInput(
      { C: C!, H: extent(H!, S_h!, KH!, D_h), W: extent(W!, S_w!, KW!, D_w) },
      {
        op: 'depthwise-conv',
        dimensions: { C, KH, KW, OH: H, OW: W },
        ...{ stride: [S_h, S_w], padding: 0, dilation: [D_h, D_w], bias: true },
      },
      isTraining,
    ),
};

const globalPool: NetworkKind = {
  sizes: PLANE,
  tile: undefined,
  hasGradient: true,
  workload: ({ C, H, W }, isTraining) =>
    onInput({ C: C!, H: H!, W: W! }, { op: 'global-avg-pool', dimensions: { C, IH: H, IW: W } }, isTraining),
};

/** KH × KH samples per output of S_h regions. */
const roiAlign: NetworkKind = {
  sizes: [...PLANE, 'KH', 'S_h'],
  tile: 'SIMD',
  hasGradient: false,
  workload: ({ C, H, W, KH, S_h }) =>
    onInput(
      { C: C!, H: H!, W: W! },
      { op: 'roi-align', dimensions: { C, IH: H, IW: W, OH: H, OW: W, R: S_h }, samplingRatio: KH },
      false,
    ),
};

const lrn: NetworkKind = {
  sizes: [...PLANE, 'KH'],
  tile: undefined,
  hasGradient: false,
  workload: ({ C, H, W, KH }) => {
    const shape = { C: C!, H: H!, W: W! };
    return onInput(shape, { op: 'lrn', dimensions: shape, size: KH }, false);
  },
};

/** A tensor whose axes change places in memory: C and H are those of the result. */
const transpose: NetworkKind = {
  sizes: PLANE,
  tile: undefined,
  hasGradient: false,
  workload: ({ C, H, W }) =>
    onInput({ C: H!, H: C!, W: W! }, { op: 'transpose', dimensions: { C, H, W }, order: ['H', 'C', 'W'] }, false),
};

const FUNCTIONS: readonly Draft[] = [
  { op: 'relu' },
  { op: 'clip', min: 0, max: 6 },
  { op: 'clip', min: 0 },
  { op: 'clip', max: 6 },
  { op: 'leaky-relu', alpha: 0.5 },
  { op: 'prelu' },
  ...['sigmoid', 'tanh', 'silu', 'gelu', 'hard-sigmoid', 'hard-swish'].map((op) => ({ op })),
  { op: 'batch-norm' },
];

/** Lanes hold rows of these: what is a tile's c is not the image's C. */
const ROWWISE: readonly Draft[] = [
  { op: 'softmax' },
  { op: 'reduce-mean' },
  { op: 'layer-norm', isAffine: true },
  { op: 'layer-norm', isAffine: false },
];

const SECONDS: readonly Second[] = ['same', 'per-channel', 'per-image', 'shared', 'scalar'];

/** The networks; an operation is hunted in the first that has it. */
export const NETWORK_KINDS: readonly NetworkKind[] = [
  conv,
  gemm,
  ...FUNCTIONS.map((draft) => plane(draft)),
  ...ROWWISE.map((draft) => plane(draft, true)),
  ...['tensor-add', 'tensor-sub', 'tensor-mul', 'tensor-div'].flatMap((op) =>
    SECONDS.map((second) => arithmetic(op, second)),
  ),
  pool('max-pool'),
  pool('avg-pool'),
  globalPool,
  depthwise,
  upsample('nearest'),
  upsample('bilinear'),
  roiAlign,
  lrn,
  transpose,
];
