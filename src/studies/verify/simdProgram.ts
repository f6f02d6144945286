/**
 * A row of the operations table as a program: which places each of its instructions reads and writes, and the
 * instructions of a whole tile in order. What waits for what follows from the places; the rows' `waits` is not read.
 */
import type { SimdLayer } from '../../model/layers/layer.ts';
import { executionsPerElement, type Part, type SimdOp, simdOperation } from '../../model/operations/simdTable.ts';
import type { Source, VectorInstruction } from './steppedSimdPipeline.ts';

/** What a name stands for: an element of a tile, the one under the window's tap, one per channel, or one in all. */
type Kind = 'element' | 'tap' | 'channel' | 'single';

interface Place {
  readonly name: string;
  readonly kind: Kind;
  /**
   * Its value may come from the bypass: `accumulator` of a reduction, or `uncharged`, where MODEL's row has no NOP
   * although the instruction reads the result of the one before.
   */
  readonly forwards: 'no' | 'accumulator' | 'uncharged';
}

type Operand = Place | { readonly imm: 'zero' | 'count'; readonly read: 'once' | 'by each lane' };

/** Operands and result of an instruction. */
interface Wires {
  readonly a: Operand;
  readonly b: Operand;
  readonly to: Place;
  readonly moveIf?: 'tap';
}

const place = (kind: Kind, name: string): Place => ({ name, kind, forwards: 'no' });
const element = (name: string): Place => place('element', name);
const tap = (name: string): Place => place('tap', name);
const channel = (name: string): Place => place('channel', name);
const single = (name: string): Place => place('single', name);
const uncharged = (of: Place): Place => ({ ...of, forwards: 'uncharged' });
const wires = (a: Operand, b: Operand, to: Place): Wires => ({ a, b, to });
/** A reduction reads the accumulator that it writes. */
const into = (to: Place, b: Operand): Wires => ({ a: { ...to, forwards: 'accumulator' }, b, to });

const averagePool = [[into(element('sum'), tap('X')), wires(uncharged(element('sum')), single('count'), element('Y'))]];
const averagePoolGrad = [
  [
    wires(element('dY'), single('count'), single('share')),
    into(tap('dX'), single('share')),
    into(tap('dX'), single('share')),
  ],
];
const sgd = [
  [
    wires(single('rate'), element('dP'), single('change')),
    wires(element('P'), uncharged(single('change')), element('P')),
  ],
];

/** For each part of a row, the wires of its instructions. */
const WIRES: Readonly<Record<SimdOp, readonly (readonly Wires[])[]>> = {
  relu: [[wires(element('X'), { imm: 'zero', read: 'once' }, element('Y'))]],
  'tensor-add': [[wires(element('X1'), element('X2'), element('Y'))]],
  'max-pool': [[into(element('Y'), tap('X'))]],
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'bn-statistics': [
    [
      into(channel('sum'), element('X')),
      wires(element('X'), element('X'), single('square')),
      into(channel('squares'), single('square')),
    ],
    [
      wires(channel('sum'), { imm: 'count', read: 'by each lane' }, channel('mean')),
      wires(channel('mean'), channel('mean'), single('meanSquared')),
      wires(channel('squares'), { imm: 'count', read: 'by each lane' }, single('squareMean')),
      wires(single('squareMean'), single('meanSquared'), single('variance')),
      wires(single('variance'), single('epsilon'), single('stabilised')),
      wires(single('stabilised'), single('stabilised'), channel('invStd')),
    ],
  ],
  'bn-normalise': [
    [],
    [
      wires(element('X'), channel('mean'), single('centred')),
      wires(single('centred'), channel('invStd'), single('normalised')),
      wires(single('normalised'), channel('gamma'), single('scaled')),
      wires(single('scaled'), channel('beta'), element('Y')),
    ],
  ],
  // Eqs (25)–(28).
  'bn-grad': [
    [],
    [
      wires(element('X'), channel('mean'), single('centred')),
      wires(single('centred'), channel('invStd'), element('Xhat')),
      wires(element('Xhat'), element('dY'), single('product')),
      into(channel('dgamma'), single('product')),
      into(channel('dbeta'), element('dY')),
    ],
    [
      wires(channel('gamma'), channel('invStd'), single('slope')),
      wires(single('slope'), single('count'), channel('factor')),
    ],
    [
      wires(single('count'), element('dY'), single('whole')),
      wires(channel('dgamma'), element('Xhat'), single('scalePart')),
      wires(single('whole'), single('scalePart'), single('lessScale')),
      wires(single('lessScale'), channel('dbeta'), single('lessShift')),
      wires(channel('factor'), single('lessShift'), element('dX')),
    ],
    [],
  ],
  'relu-grad': [[wires(element('X'), element('dY'), element('dX'))]],
  'max-pool-grad': [
    [{ ...wires(element('index'), element('dY'), single('moved')), moveIf: 'tap' }, into(tap('dX'), single('moved'))],
  ],
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,
  'reduce-sum': [[into(channel('sum'), element('dY'))], []],
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
};

/** The element of a tensor at a position: its block of K channels, and where it lies in the plane. */
export function elementPlace(name: string, block: number, n: number, h: number, w: number): string {
  return `${name}[${block}, ${n}, ${h}, ${w}]`;
}

/** A tensor's vector for a block of K channels. */
export function channelPlace(name: string, block: number): string {
  return `${name}[${block}]`;
}

/** A vector in the tile, and the window's tap over it. */
interface Position {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly block: number;
  readonly tap: number;
}

function address({ name, kind }: Place, { n, h, w, block, tap }: Position, { window }: SimdLayer): string {
  const { kw, stride, dilation } = window;
  switch (kind) {
    case 'element':
      return elementPlace(name, block, n, h, w);
    case 'tap': {
      const row = h * stride.h + Math.floor(tap / kw) * dilation.h;
      return elementPlace(name, block, n, row, w * stride.w + (tap % kw) * dilation.w);
    }
    case 'channel':
      return channelPlace(name, block);
    case 'single':
      return name;
  }
}

/** Which operands the bypass serves: what MODEL's rows charge, or reductions alone. */
export type Forwarding = 'as charged' | 'reductions only';

/** What a program is made for. */
interface Target {
  readonly layer: SimdLayer;
  readonly lanes: number;
  readonly forwarding: Forwarding;
}

/** The values of IMM: the relu's zero and the elements that a statistic is over. */
function immediate(which: 'zero' | 'count', { tile }: SimdLayer): number {
  return which === 'zero' ? 0 : tile.n * tile.h * tile.w;
}

function instruction(
  part: Part,
  number: number,
  wired: Wires,
  at: Position,
  { layer, forwarding }: Target,
): VectorInstruction {
  const source = (operand: Operand): Source => {
    if ('imm' in operand) return { from: 'imm', value: immediate(operand.imm, layer), read: operand.read };
    const isForwarded =
      operand.forwards === 'accumulator' || (operand.forwards === 'uncharged' && forwarding === 'as charged');
    return { from: 'vmem', place: address(operand, at, layer), isForwarded };
  };
  const isStored = part.stores.some((store) => store.tensor === wired.to.name && store.width === 'output');
  const { alu, isOneStep } = part.instructions[number]!;
  return {
    alu,
    isOneStep,
    a: source(wired.a),
    b: source(wired.b),
    to: address(wired.to, at, layer),
    // A sum on its way is as wide as VMem; its last write is the output.
    isOutput: isStored && at.tap === lastTap(layer),
    moveIf: wired.moveIf === 'tap' ? at.tap : 'positive',
  };
}

function lastTap({ window }: SimdLayer): number {
  return window.kh * window.kw - 1;
}

/** A part's instructions on one vector. Neighbours that run once per tap take turns; what runs once sees the last tap. */
function* onOneVector(
  part: Part,
  wired: readonly Wires[],
  at: Omit<Position, 'tap'>,
  target: Target,
): Generator<VectorInstruction> {
  const { instructions } = part;
  const { layer } = target;
  for (let from = 0, to = 0; from < instructions.length; from = to) {
    const { times } = instructions[from]!;
    to = from + 1;
    while (times !== 'once' && instructions[to]?.times === times) to++;
    const firstTap = times === 'once' ? lastTap(layer) : 0;
    const taps = executionsPerElement(instructions[from]!, layer.window);
    for (let tap = firstTap; tap < firstTap + taps; tap++)
      for (let number = from; number < to; number++)
        yield instruction(part, number, wired[number]!, { ...at, tap }, target);
  }
}

/** A part's instructions on its vectors, one vector after the other. */
function* ofPart(part: Part, wired: readonly Wires[], target: Target): Generator<VectorInstruction> {
  const { tile } = target.layer;
  const plane = part.per === 'tile' ? tile : { n: 1, h: 1, w: 1 };
  for (let n = 0; n < plane.n; n++)
    for (let h = 0; h < plane.h; h++)
      for (let w = 0; w < plane.w; w++)
        for (let block = 0; block * target.lanes < tile.c; block++)
          yield* onOneVector(part, wired, { n, h, w, block }, target);
}

/**
 * The programs that compute one tile of a layer, each of which fills the pipeline once. The per-channel instructions,
 * which pay for no filling, run in front of the tile that follows them, or else behind the one before.
 */
export function tilePrograms(layer: SimdLayer, lanes: number, forwarding: Forwarding): VectorInstruction[][] {
  const programs: VectorInstruction[][] = [];
  let perChannel: VectorInstruction[] = [];
  for (const [number, part] of simdOperation(layer.op).parts.entries()) {
    const instructions = [...ofPart(part, WIRES[layer.op][number]!, { layer, lanes, forwarding })];
    if (part.per === 'channel') {
      perChannel.push(...instructions);
    } else {
      programs.push([...perChannel, ...instructions]);
      perChannel = [];
    }
  }
  programs.at(-1)!.push(...perChannel);
  return programs;
}
