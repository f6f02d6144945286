/** Our own closed form of a fused group: what it takes in lockstep, tile after tile at full size (MODEL.md §10). */
import type { FusedGroup, FusedMember } from '../fusion/groups.ts';
import { expectExactResult } from '../layers/exactness.ts';
import type { SimdSizes } from '../layers/layer.ts';
import { addInto, type DramBits, emptyResult, type OpCounts, type Result, type SramBits } from '../layers/result.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import { cyclesPerVector, instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { executionsPerElement, isImmediate, type Operand, type Part, tensorElements } from '../operations/simdRow.ts';
import { simdOperation } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { closedForm } from './closedForm.ts';
import { multipliersOf, tileTimes } from './conv.ts';
import { countGroupSegments, GROUP_MOVES } from './groupSegments.ts';
import { loopReuse } from './loopReuse.ts';
import type { TileTimes } from './segments.ts';

/** What a fused group takes and moves, by formula. */
export interface GroupClosedForm {
  readonly totalCycles: number;
  /** Cycles in which each side computes; it waits in all others. */
  readonly busyCycles: { readonly SA: number; readonly SIMD: number };
  /** Traffic and work of all members. */
  readonly dramBits: DramBits;
  readonly sramBits: SramBits;
  readonly ops: number;
  readonly opCounts: OpCounts;
}

/** What the SIMD array takes for a tile, or behind an oc tile: L, S and Q. */
interface SimdTimes {
  readonly load: number;
  readonly compute: number;
  readonly store: number;
}

const { ifmap, weight, bias, psumLoad, psumStore, handover, channelEnd } = GROUP_MOVES;

/** The tile that is handed over, as the lanes see it: T_oc rounded up to K. */
function handedTile({ sa: { tile } }: FusedGroup, lanes: number): SimdSizes {
  return { c: roundUpTo(tile.oc, lanes), n: tile.n, h: tile.oh, w: tile.ow };
}

/** The part that a member computes on each tile, or that statistics compute behind the tiles of an oc tile. */
function partOf({ layer }: FusedMember, per: Part['per']): Part | undefined {
  return simdOperation(layer.op).parts.find((part) => part.per === per);
}

/** What a member loads and stores in a part: the tile and the results of members before it are here, only the last stores. */
function transfersOf(group: FusedGroup, member: FusedMember, part: Part): { loads: Operand[]; stores: Operand[] } {
  const { handedOver, inside } = member;
  const loads = part.loads.filter(({ tensor }) => !handedOver.has(tensor) && !inside.has(tensor));
  return { loads, stores: member === group.members.at(-1) ? [...part.stores] : [] };
}

function simdTimes(group: FusedGroup, per: Part['per'], hardware: Hardware): SimdTimes {
  const lanes = hardware.array.columns;
  const tile = handedTile(group, lanes);
  const times = { load: 0, compute: 0, store: 0 };
  for (const member of group.members) {
    const part = partOf(member, per);
    if (part === undefined) continue;
    const { window, bits } = member.layer;
    const cyclesOf = (operands: readonly Operand[]): number =>
      operands.reduce((sum, operand) => {
        const tileBits = tensorElements(operand, tile, window) * bits[operand.width];
        return sum + ceilDiv(tileBits, hardware.bitsPerCycle.vmem);
      }, 0);
    const { loads, stores } = transfersOf(group, member, part);
    const positions = per === 'tile' ? tile.n * tile.h * tile.w : 1;
    times.load += cyclesOf(loads);
    times.store += cyclesOf(stores);
    if (part.instructions.length === 0) continue;
    const vectors = positions * ceilDiv(tile.c, lanes);
    times.compute += vectors * cyclesPerVector(part, window, hardware.aluCycles);
    if (per === 'tile') times.compute += simdFillCycles(lanes);
  }
  return times;
}

/** A group's times: of its SA tile, of the SIMD array on a tile and behind an oc tile. */
interface GroupTimes {
  readonly sa: TileTimes;
  readonly tile: SimdTimes;
  readonly channel: SimdTimes;
}

const sumOf = ({ load, compute, store }: SimdTimes): number => load + compute + store;

/** How long a segment lasts in which a tile computes; `isSumStored`: what is handed over is stored, too. */
function segmentCycles(moves: number, { sa, tile, channel }: GroupTimes, isSumStored: boolean, slots: number): number {
  const has = (move: number): boolean => (moves & move) !== 0;
  const operands = Math.max(
    sa.compute,
    (has(weight) ? sa.weight : 0) + (has(bias) ? sa.bias : 0),
    has(ifmap) ? sa.ifmap : 0,
  );
  const loaded = has(psumLoad) ? sa.psum : 0;
  if (!has(handover)) return Math.max(operands, loaded + (has(psumStore) ? sa.psum : 0));
  const stored = isSumStored ? sa.psum : 0;
  // With two slots in OBuf a psum comes into the one that the SIMD array has computed on.
  const freed = loaded > 0 && slots === 2 ? Math.max(stored, tile.load + tile.compute) : stored;
  return Math.max(operands, freed + loaded, sumOf(tile) + (has(channelEnd) ? sumOf(channel) : 0));
}

/** The work of the SIMD members and what they move, in all tiles. */
function addMembers(result: Result, group: FusedGroup, tiles: number, channelTiles: number, hardware: Hardware): void {
  const lanes = hardware.array.columns;
  const tile = handedTile(group, lanes);
  for (const member of group.members) {
    const { layer, handedOver } = member;
    const { window, bits } = layer;
    for (const [per, times] of [
      ['tile', tiles],
      ['channel', channelTiles],
    ] as const) {
      const part = partOf(member, per);
      if (part === undefined) continue;
      const { loads, stores } = transfersOf(group, member, part);
      const bitsOf = (operand: Operand): number => tensorElements(operand, tile, window) * bits[operand.width];
      for (const operand of loads) result.dramBits.ifmap += times * bitsOf(operand);
      for (const operand of stores) result.dramBits.ofmap += times * bitsOf(operand);
      const positions = per === 'tile' ? tile.n * tile.h * tile.w : 1;
      const elements = times * positions * tile.c;
      const vectors = times * positions * ceilDiv(tile.c, lanes);
      const costs = instructionCosts(part, window, bits, hardware.aluCycles);
      // What is read of the tile is read in OBuf.
      const readsOfTile = part.instructions.reduce((reads, instruction) => {
        const sources = [instruction.a, instruction.b].filter(
          (source) => source !== undefined && !isImmediate(source) && handedOver.has(source.tensor),
        );
        return reads + sources.length * executionsPerElement(instruction, window);
      }, 0);
      const obuf = per === 'tile' ? elements * readsOfTile * bits.psum : 0;
      result.sramBits.obuf += obuf;
      result.sramBits.vmem += elements * costs.vmemBits - obuf;
      result.sramBits.imm += vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement;
      result.sramBits.imem += vectors * costs.imemBits;
      result.ops += elements * costs.ops;
      for (const instruction of part.instructions) {
        result.opCounts[instruction.alu] += elements * executionsPerElement(instruction, window);
      }
    }
  }
}

/**
 * The closed form of a fused group, whose SA layer has the group's tile. Throws a BeyondExactness for a figure beyond 2⁵³.
 */
export function groupClosedForm(group: FusedGroup, hardware: Hardware): GroupClosedForm {
  const { sa, isSumStored } = group;
  const m = multipliersOf(sa, 'ceiling');
  const times = {
    sa: tileTimes(sa, hardware),
    tile: simdTimes(group, 'tile', hardware),
    channel: simdTimes(group, 'channel', hardware),
  };
  const channelTiles = m.g * m.oc;
  const tiles = channelTiles * m.n * m.oh * m.ow;
  // First the loads of the first tile; last what the SIMD array does with the last one.
  const { weight: w, bias: b, ifmap: f, psum: p, compute } = times.sa;
  let totalCycles = Math.max(f, w + b) + Math.max(isSumStored ? p : 0, sumOf(times.tile) + sumOf(times.channel));
  for (const [moves, count] of countGroupSegments(loopReuse(sa.loopOrder), m)) {
    totalCycles += count * segmentCycles(moves, times, isSumStored, hardware.slots.obuf);
  }
  const result = emptyResult();
  addInto(result, closedForm(sa, hardware, 'ceiling'));
  if (!isSumStored) result.dramBits.ofmap = 0;
  addMembers(result, group, tiles, channelTiles, hardware);
  result.totalCycles = totalCycles;
  expectExactResult(sa.name, result);
  const { dramBits, sramBits, ops, opCounts } = result;
  const busyCycles = {
    SA: tiles * m.ic * m.kh * m.kw * compute,
    SIMD: tiles * times.tile.compute + channelTiles * times.channel.compute,
  };
  return { totalCycles, busyCycles, dramBits, sramBits, ops, opCounts };
}

/** A group's closed form in the columns of a layer's: busy and waiting cycles are those of both its sides. */
export function resultOfGroup({ totalCycles, busyCycles, ...counts }: GroupClosedForm): Result {
  const computeCycles = busyCycles.SA + busyCycles.SIMD;
  return { computeCycles, stallCycles: 2 * totalCycles - computeCycles, totalCycles, ...counts };
}
