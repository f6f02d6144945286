/** Where the tensors of a fused group's SIMD side lie, and its tiles as runs of bits. */
import type { FusedGroup } from '../fusion/groups.ts';
import type { SaLayer } from '../layers/layer.ts';
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
  wholeBursts,
} from './layout.ts';

/** A tensor of a fused group that travels: what it is, and where it lies. */
interface FusedOperand {
  readonly operand: Operand;
  readonly place: TensorPlace;
  readonly tileStrideBits: number;
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
    const { tile } = group.sa;
    for (const { layer } of group.members) {
      const tensors = new Map<string, TensorPlace>();
      for (const [part, { loads, stores }] of simdParts(layer).entries()) {
        for (const [direction, operands] of [
          ['load', loads],
          ['store', stores],
        ] as const) {
          for (const operand of operands) {
            const elementBits = layer.bits[operand.width];
            const sides = dimsOf(operand).map((dim) => tile[FUSED_DIMS[dim]]);
            const tileStrideBits = wholeBursts(
              sides.reduce((bits, side) => bits * side, elementBits),
              spec,
            );
            const key = `${operand.tensor} ${elementBits}`;
            const place = tensors.get(key) ?? this.placed(operand, elementBits, tileStrideBits, allocator);
            tensors.set(key, place);
            const name = `${layer.name}.${operand.tensor}`;
            this.operands.set(`${direction} ${part} ${name}`, { operand, place, tileStrideBits });
          }
        }
      }
    }
    this.bytes = ceilDiv(allocator.end, 8);
  }

  runsOf({ tensor, step, direction, bits }: PlacedTile): Runs {
    const { group, covered, layout } = this;
    const { tile, part } = fusedTile(group.sa, covered, this.hasChannelSteps, step);
    const { operand, place, tileStrideBits } = this.operands.get(`${direction} ${part} ${tensor}`)!;
    const dims = dimsOf(operand);
    if (layout !== 'tiles') {
      const along = (dim: SimdDim): number => (dims.includes(dim) ? tile.from[FUSED_DIMS[dim]] : 0);
      const size = (dim: SimdDim): number => (dims.includes(dim) ? tile.extents[FUSED_DIMS[dim]] : 1);
      const region: Region = {
        from: [tile.group * covered.oc + along('c'), along('n'), along('h'), along('w')],
        sizes: [size('c'), size('n'), size('h'), size('w')],
      };
      return denseRuns(place, region, ORDER.SIMD[layout]);
    }
    const number = dims.reduce(
      (count, dim) => count * this.trips(dim) + tile.from[FUSED_DIMS[dim]] / group.sa.tile[FUSED_DIMS[dim]],
      tile.group,
    );
    return { base: place.base + number * tileStrideBits, runBits: bits, loops: [] };
  }

  private placed(operand: Operand, elementBits: number, tileStrideBits: number, allocator: Allocator): TensorPlace {
    const { group, covered, layout } = this;
    const dims = dimsOf(operand);
    const size = (dim: SimdDim): number => (dims.includes(dim) ? covered[FUSED_DIMS[dim]] : 1);
    const shape: Four = [group.sa.groups * size('c'), size('n'), size('h'), size('w')];
    const tiles = dims.reduce((count, dim) => count * this.trips(dim), group.sa.groups);
    const elements = shape.reduce((product, each) => product * each, 1);
    const bits = layout === 'tiles' ? tiles * tileStrideBits : elements * elementBits;
    return { base: allocator.place(bits), shape, elementBits };
  }

  private trips(dim: SimdDim): number {
    return ceilDiv(this.covered[FUSED_DIMS[dim]], this.group.sa.tile[FUSED_DIMS[dim]]);
  }
}
