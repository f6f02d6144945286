/**
 * What the accelerator executes, in program order: operations with their sizes, before padding and tiling.
 * Free operations stay in the list, because they decide what comes "next" (MODEL.md §1).
 */
import type { ConvDim, ConvSizes, PerDirection, SaUseful, SimdSizes, Sliding, Window } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import type { Axis } from '../schemas/axes.ts';
import type { FileWords } from '../schemas/fileWords.ts';
import type { Shape } from './graph.ts';

/** What the workload file fixes for a layer; each wins over the generator and the hardware. */
export interface SaOverrides {
  readonly tile?: ConvSizes | undefined;
  readonly loopOrder?: readonly ConvDim[] | undefined;
  readonly bits?: { readonly [tensor in 'ifmap' | 'weight' | 'psum' | 'bias']?: number | undefined } | undefined;
}

export interface SimdOverrides {
  readonly tile?: SimdSizes | undefined;
  readonly bits?: { readonly input?: number | undefined; readonly output?: number | undefined } | undefined;
}

/**
 * The tensors that an operation reads or writes, by their role in it. The output of layer `fc` is named `fc`, the
 * network's input `input`. Parameters are `fc.W`, `fc.bias`, `bn.gamma`, `bn.beta`, their gradients `fc.dW`, `fc.dbias`,
 * `bn.dgamma`, `bn.dbeta`. `fc.dX` is the gradient of what `fc` reads, `fc.dY` that of its output where it is not some
 * layer's dX (from the loss), `fc.dY2` the sum of the first two gradients where its output forks.
 */
export type Tensors = Readonly<Record<string, string>>;

/**
 * A conv or gemm. A conv's weights are G·oc × ic × kh × kw. A gemm has kh = kw = oh = ow = 1, its rows (the images of the
 * batch, and the positions of each) in n, and weights ic × G·oc.
 */
export interface SaOperation extends Sliding {
  readonly unit: 'SA';
  readonly name: string;
  readonly op: 'conv' | 'gemm';
  /** Convolutions side by side: their channels follow each other in weights (a conv's oc, a gemm's oc), ifmap, ofmap. */
  readonly groups: number;
  /** Sizes of one group. */
  readonly sizes: ConvSizes;
  /**
   * Zeros before the ifmap's first row and column; negative: as many are left out. After the last follow as many zeros
   * as the ofmap needs, and what it does not reach is left out.
   */
  readonly padding: PerDirection;
  /** How operands are laid out where they are not as they lie: as the array reads them, at no cost. */
  readonly layouts?: { readonly ifmap: Layout; readonly weight: Layout };
  readonly reads: { readonly ifmap: string; readonly weight: string; readonly bias?: string };
  readonly writes: { readonly ofmap: string };
  /** Where a gemm's ofmap is images: their positions, each of which was a row. */
  readonly positions?: PerDirection;
  /** The ofmap's rows are those of one image, its groups the images (with their heads): stored image by image. */
  readonly areGroupsImages?: true;
  /** The ofmap is stored with n and oc changed about: table V computes a weight gradient as IC images of OC channels. */
  readonly isOfmapTransposed?: true;
  /** What of it is the network's own work; the zeros of `padding` and of dilated operands are not. */
  readonly useful: SaUseful;
  readonly overrides?: SaOverrides;
  /** Place in the workload file, for messages. */
  readonly source: string;
}

/**
 * What a pool's window slides over: rows and columns, and the cells around them. Those are zero in an average and never
 * the maximum.
 */
export interface PoolInput extends PerDirection {
  /** Before the first row and column (negative: as many are left out), and behind the last. */
  readonly padding: PerDirection;
  /** Its own elements are so far apart, with zeros between them; neighbours if left out. */
  readonly distance?: PerDirection;
  readonly after: PerDirection;
  /** Whether an average is over the cells on image and padding or only over those on the image. */
  readonly countsPadding: boolean;
}

/** A SIMD operation; for pool gradients h and w are dY's. Roles are the tensors of the operations table. */
export interface SimdOperationStep {
  readonly unit: 'SIMD';
  readonly name: string;
  readonly op: SimdOp;
  readonly sizes: SimdSizes;
  readonly window: Window;
  /** The input of the pool, for pools and their gradients. */
  readonly pool?: PoolInput;
  /** The sizes of the network's own tensors, where the published runs list larger ones. */
  readonly ownSizes?: SimdSizes;
  /** Useful MACs; none if left out. */
  readonly macs?: number;
  /** Whether a bias is its own, and not only charged: it reads one, or a batch norm's shift is one. */
  readonly hasBias?: boolean;
  /** Constants of the formula: bounds, slopes, the number that is added. They stand in instructions. */
  readonly constants?: Readonly<Record<string, number>>;
  /** An axis that lanes hold or step over otherwise than the tensor has it: rows of so many groups of each position. */
  readonly rows?: { readonly groups: number };
  /** Where a copy puts its elements. */
  readonly rearrangement?: Rearrangement;
  readonly reads: Tensors;
  readonly writes: Tensors;
  readonly overrides?: SimdOverrides;
  readonly source: string;
}

/** How an operand is laid out before the array reads it (section V-B). */
export interface Layout {
  /** It is taken as a matrix: every position of every image is a row. Comes before the rest. */
  readonly isMatrix?: boolean;
  /** Its rows are images, and its images blocks of channels. Comes before the rest. */
  readonly imagesBecomeGroups?: boolean;
  /** Its first axis (n, or oc of a weight) and its channels have changed places. */
  readonly isTransposed?: boolean;
  /** Of one that is transposed: so many blocks of this axis stay where they are, and each is transposed by itself. */
  readonly groups?: { readonly count: number; readonly along: 'images' | 'channels' };
  /** Its rows and columns are in reverse order. */
  readonly isFlipped?: boolean;
  /** Neighbouring rows and columns are so far apart, with zeros between them. */
  readonly distance?: PerDirection;
}

/** Elements that change places: which axes become C, H and W, or channels dealt out to so many groups in turn. */
export type Rearrangement =
  | { readonly op: 'permute'; readonly order: readonly [Axis, Axis, Axis] }
  | { readonly op: 'shuffle'; readonly groups: number };

/** Something that the paper counts as an operation but that costs nothing. */
export type FreeOperation = {
  readonly unit: 'free';
  readonly name: string;
  readonly reads: Tensors;
  readonly writes: Tensors;
} & (
  | { readonly op: 'reshape'; readonly shape: Shape }
  | { readonly op: 'dropout' | 'loss' }
  /** The tensors of the roles X1, X2, … follow each other along an axis. */
  | { readonly op: 'concat'; readonly axis: Axis }
  /** Elements at start, start + step, … of each axis, as many as the shape says. */
  | { readonly op: 'slice'; readonly shape: Shape; readonly start: Shape; readonly step: Shape }
  /** The inverse of a slice: the elements in a tensor of zeros. A pad is part of the window that reads it. */
  | { readonly op: 'pad' | 'embed'; readonly shape: Shape; readonly start: Shape; readonly step: Shape }
  | Rearrangement
  | { readonly op: 'transpose'; readonly layouts: { readonly ifmap: Layout; readonly weight: Layout } }
);

export type Operation = SaOperation | SimdOperationStep | FreeOperation;

/** A network ready to be tiled. */
export interface Program {
  readonly name: string;
  readonly file: string;
  /** Where its values stand in the file, if that is not one of ours. */
  readonly words?: FileWords;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  /** The layers do not feed each other (`graph: list`). */
  readonly isList?: boolean;
  readonly operations: readonly Operation[];
}

/**
 * Whether a SIMD output is quantised on its way out: the next listed operation runs on the PE array, or what reads it is
 * not known, in a list. Operations that place data are listed though free, but for a pad, which is part of the window
 * that reads it.
 */
export function isQuantised({ operations, isList = false }: Program, place: number): boolean {
  if (isList) return true;
  let next = place + 1;
  for (let each = operations[next]; each?.unit === 'free' && each.op === 'pad'; each = operations[next]) next++;
  return operations[next]?.unit === 'SA';
}

/** Images per batch where nobody says: the paper's. */
export const DEFAULT_BATCH = { inference: 1, training: 32 } as const satisfies Record<Program['phase'], number>;

/** The padding of operations that have none. */
export const NO_PADDING = { h: 0, w: 0 } as const;
