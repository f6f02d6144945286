/** A tiled program with its fused groups, each with a tile that its SA and its SIMD side can both hold (FUSION.md, Groups). */
import type { Layer, SaLayer } from '../layers/layer.ts';
import { convTileBits } from '../operations/saCosts.ts';
import { type Hardware, slotBits } from '../schemas/hardware.ts';
import { generateConvTile } from '../tiling/convTiling.ts';
import { type FusedGroup, type Fusion, fusedGroups, nameOfGroup } from './groups.ts';

export interface FusedProgram {
  /** In program order; SA layers of groups with the group's tile. */
  readonly layers: readonly Layer[];
  readonly groups: readonly FusedGroup[];
  /** Groups whose tile is smaller than that of their SA layer by itself, and groups that no tile fits, which run apart. */
  readonly retiled: readonly string[];
  readonly dissolved: readonly string[];
}

/** The SA layer with a tile whose psums fit a slot of VMem too, where its own do not; undefined if none does. */
function fitted(sa: SaLayer, hardware: Hardware): SaLayer | undefined {
  const capacity = slotBits(hardware);
  const { sizes, stride, dilation, bits } = sa;
  if (convTileBits(sa.tile, sa, bits).psum <= capacity.vmemHalf) return sa;
  const { rows, columns } = hardware.array;
  const tile = generateConvTile(
    { sizes, sliding: { stride, dilation }, bits, rows, columns },
    { ...capacity, obuf: Math.min(capacity.obuf, capacity.vmemHalf) },
  );
  return tile && { ...sa, tile };
}

/** Finds a program's groups and gives each a tile. Without fusion the program is as it was. */
export function fuse(layers: readonly Layer[], hardware: Hardware, fusion: Fusion): FusedProgram {
  const fused = { layers: [...layers], groups: [] as FusedGroup[], retiled: [] as string[], dissolved: [] as string[] };
  for (const group of fusedGroups(layers, fusion)) {
    const sa = fitted(group.sa, hardware);
    if (sa === undefined) {
      fused.dissolved.push(nameOfGroup(group));
      continue;
    }
    if (sa !== group.sa) fused.retiled.push(nameOfGroup(group));
    fused.layers[group.first] = sa;
    fused.groups.push({ ...group, sa });
  }
  return fused;
}

/** The group as a program of its own. */
export function aloneOf(group: FusedGroup): FusedGroup {
  return { ...group, first: 0, last: group.last - group.first };
}
