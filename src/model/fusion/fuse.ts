/** A tiled program with its fused groups, each with a tile that its SA and its SIMD side can both hold (FUSION.md, Groups). */
import type { ConvSizes, Layer } from '../layers/layer.ts';
import { simdOperation } from '../operations/simdTable.ts';
import { type Hardware, slotBits } from '../schemas/hardware.ts';
import { generateConvTile } from '../tiling/convTiling.ts';
import { simdTileFits } from '../tiling/simdTiling.ts';
import { type FusedGroup, type Fusion, fusedGroups, nameOfGroup } from './groups.ts';

export interface FusedProgram {
  /** In program order; SA layers of groups with the group's tile. */
  readonly layers: readonly Layer[];
  readonly groups: readonly FusedGroup[];
  /** Groups whose tile is smaller than that of their SA layer by itself, and groups that no tile fits, which run apart. */
  readonly retiled: readonly string[];
  readonly dissolved: readonly string[];
}

/**
 * The group with a tile that a slot of VMem holds too, as each member's own row asks of its tile: its SA layer's or, where
 * that is too large, a smaller one; undefined if none does.
 */
export function fitted(group: FusedGroup, hardware: Hardware): FusedGroup | undefined {
  const { sa, members } = group;
  const capacity = slotBits(hardware);
  const { sizes, stride, dilation, bits } = sa;
  const { rows, columns } = hardware.array;
  const fitsVmem = ({ oc, n, oh, ow }: ConvSizes): boolean =>
    members.every(({ layer: { op, window } }) =>
      simdTileFits(simdOperation(op), { c: oc, n, h: oh, w: ow }, window, columns, bits.psum, capacity.vmemHalf),
    );
  if (fitsVmem(sa.tile)) return group;
  const layer = { sizes, sliding: { stride, dilation }, bits, rows, columns };
  const tile = generateConvTile(layer, capacity, fitsVmem);
  return tile && { ...group, sa: { ...sa, tile } };
}

/** Finds a program's groups and gives each a tile. Without fusion the program is as it was. */
export function fuse(layers: readonly Layer[], hardware: Hardware, fusion: Fusion): FusedProgram {
  const fused = { layers: [...layers], groups: [] as FusedGroup[], retiled: [] as string[], dissolved: [] as string[] };
  for (const group of fusedGroups(layers, fusion)) {
    const fitting = fitted(group, hardware);
    if (fitting === undefined) {
      fused.dissolved.push(nameOfGroup(group));
      continue;
    }
    if (fitting !== group) fused.retiled.push(nameOfGroup(group));
    fused.layers[group.first] = fitting.sa;
    fused.groups.push(fitting);
  }
  return fused;
}

/** The group as a program of its own. */
export function aloneOf(group: FusedGroup): FusedGroup {
  return { ...group, first: 0, last: group.last - group.first };
}
