/** Where the tensors of a fused group's SIMD side lie, and its tiles as runs of bits. */
import type { FusedGroup } from '../fusion/groups.ts';
import type { ConvDim, SaLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import type { Operand } from '../operations/simdRow.ts';
import { simdParts } from '../operations/simdTable.ts';
import { fusedTile } from '../schedule/fusedTile.ts';
import type { Four, Region } from '../schedule/region.ts';
import { coveredSizes } from '../schedule/saTile.ts';
import type { DramSpec } from '../schemas/dram.ts';
import type { Runs } from './burstWalk.ts';
import {
  Allocator,
  denseRuns,
  dimsOf,
  type Layout,
  ORDER,
  type PlacedTile,
  type Placement,
  type SimdDim,
  type TensorPlace,
} from './layout.ts';
import { TiledTensor } from './tiledTensor.ts';

/** A tensor of a fused group that travels: what it is, and where it lies. */
interface FusedOperand {
  readonly operand: Operand;
  readonly place: TensorPlace;
  readonly tiled: TiledTensor<ConvDim>;
}

/** The loops of the SA layer by which a fused tile is found along c, n, h and w. */
const FUSED_DIMS = { c: 'oc', n: 'n', h: 'oh', w: 'ow' } as const;

/** The SIMD side of a fused group: its members' tensors that are not on chip, in tiles of the SA layer. */
export class FusedPlacement implements Placement {
  readonly bytes: number;
  private readonly group: FusedGroup;
  private readonly covered: SaLayer['sizes'];
  private readonly layout: Layout;
  private readonly hasChannelSteps: boolean;
  /** By direction, part and name. */
  private readonly operands = new Map<string, FusedOperand>();

  constructor(group: FusedGroup, edgesAreFull: boolean, spec: DramSpec, layout: Layout) {
    this.group = group;
    this.layout = layout;
    this.covered = coveredSizes(group.sa, edgesAreFull);
    this.hasChannelSteps = group.members.some(({ layer }) => simdParts(layer).length > 1);
    const allocator = new Allocator(spec);
    for (const { layer } of group.members) {
      const tensors = new Map<string, TensorPlace>();
      for (const [part, { loads, stores }] of simdParts(layer).entries()) {
        for (const [direction, operands] of [
          ['load', loads],
          ['store', stores],
        ] as const) {
          for (const operand of operands) {
            const elementBits = layer.bits[operand.width];
            const tiled = this.tiledBy(operand, elementBits, spec);
            const key = `${operand.tensor} ${elementBits}`;
            const place = tensors.get(key) ?? this.placed(operand, elementBits, tiled, allocator);
            tensors.set(key, place);
            const name = `${layer.name}.${operand.tensor}`;
            this.operands.set(`${direction} ${part} ${name}`, { operand, place, tiled });
          }
        }
      }
    }
    this.bytes = ceilDiv(allocator.end, 8);
  }

  runsOf({ tensor, step, direction, bits }: PlacedTile): Runs {
    const { group, covered, layout } = this;
    const { tile, part } = fusedTile(group.sa, covered, this.hasChannelSteps, step);
    const { operand, place, tiled } = this.operands.get(`${direction} ${part} ${tensor}`)!;
    if (layout !== 'tiles') {
      const dims = dimsOf(operand);
      const along = (dim: SimdDim): number => (dims.includes(dim) ? tile.from[FUSED_DIMS[dim]] : 0);
      const size = (dim: SimdDim): number => (dims.includes(dim) ? tile.extents[FUSED_DIMS[dim]] : 1);
      const region: Region = {
        from: [tile.group * covered.oc + along('c'), along('n'), along('h'), along('w')],
        sizes: [size('c'), size('n'), size('h'), size('w')],
      };
      return denseRuns(place, region, ORDER.SIMD[layout]);
    }
    return tiled.runOf(place.base, tile.from, bits, tile.group);
  }

  private tiledBy(operand: Operand, elementBits: number, spec: DramSpec): TiledTensor<ConvDim> {
    const { tile, groups } = this.group.sa;
    const dims: readonly ConvDim[] = dimsOf(operand).map((dim) => FUSED_DIMS[dim]);
    const tileBits = dims.reduce((bits, dim) => bits * tile[dim], elementBits);
    return new TiledTensor({ dims, covered: this.covered, tile, groups, tileBits }, spec);
  }

  private placed(
    operand: Operand,
    elementBits: number,
    tiled: TiledTensor<ConvDim>,
    allocator: Allocator,
  ): TensorPlace {
    const { group, covered, layout } = this;
    const dims = dimsOf(operand);
    const size = (dim: SimdDim): number => (dims.includes(dim) ? covered[FUSED_DIMS[dim]] : 1);
    const shape: Four = [group.sa.groups * size('c'), size('n'), size('h'), size('w')];
    const elements = shape.reduce((product, each) => product * each, 1);
    const bits = layout === 'tiles' ? tiled.bits : elements * elementBits;
    return { base: allocator.place(bits), shape, elementBits };
  }
}
