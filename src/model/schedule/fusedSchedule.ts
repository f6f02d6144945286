/**
 * The SIMD side of a fused group as a lazy sequence of steps: one for each visit of the SA layer that completes its sums,
 * and, where the group ends with statistics, one more behind the last tile of each oc tile (FUSION.md, Groups).
 */
import type { StateList } from '../engine/stateList.ts';
import type { FusedGroup, FusedMember } from '../fusion/groups.ts';
import type { SaLayer, SimdSizes } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';
import { programBits } from '../operations/simdCosts.ts';
import { executionsPerElement, isImmediate, type Part, type Source } from '../operations/simdRow.ts';
import { simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { maskOf } from './loopMasks.ts';
import { type Loop, LoopNest } from './loopNest.ts';
import type { SaSchedule } from './saSchedule.ts';
import { partCostsOf, type SimdStepShape, type SimdTransfer, type StepOperation } from './simdSchedule.ts';
import { StepTable, stepOf, transferOf } from './step.ts';
import { ONE_PART, StepWalk } from './stepWalk.ts';
import { VisitWalk } from './visitWalk.ts';

/** What a step does for one member. */
export interface MemberShape {
  readonly loadBits: number;
  readonly storeBits: number;
  readonly computeCycles: number;
  readonly fillCycles: number;
  readonly obufReadBits: number;
  readonly vmemBits: number;
  readonly immBits: number;
  readonly imemBits: number;
  readonly ops: number;
  readonly opCounts: SimdStepShape['opCounts'];
}

/** What a step does for the whole group. */
export interface FusedStepShape extends SimdStepShape {
  readonly members: readonly MemberShape[];
}

/** The loops that tell oc tiles apart. */
const CHANNEL_TILE = maskOf(['g', 'oc']);
/** Whether each part runs once per tile: tiles do, the statistics of an oc tile do not. */
const TILES_AND_CHANNELS: readonly boolean[] = [true, false];

export class FusedSchedule {
  readonly group: FusedGroup;
  readonly sa: SaSchedule;
  readonly steps: number;
  /** Shapes of tile steps by the SA layer's shapes, then those of the steps behind an oc tile. */
  readonly shapes: readonly FusedStepShape[];
  /** The group ends with statistics. */
  readonly hasChannelSteps: boolean;
  private readonly table: StepTable<FusedStepShape>;

  constructor(group: FusedGroup, sa: SaSchedule, hardware: Hardware) {
    this.group = group;
    this.sa = sa;
    const parts = group.members.map(({ layer }) => simdParts(layer));
    this.hasChannelSteps = parts.some((each) => each.length > 1);
    const tileShapes = sa.shapes.map((_, shape) => fusedShape(group, 0, tileOf(sa, shape, hardware), hardware));
    const channelShapes = this.hasChannelSteps
      ? sa.shapes.map((_, shape) => fusedShape(group, 1, tileOf(sa, shape, hardware), hardware))
      : [];
    this.shapes = [...tileShapes, ...channelShapes];
    this.table = new StepTable(this.shapes.length, (number) => {
      const shape = this.shapes[number]!;
      return stepOf(shape, number, true, shape.loads, shape.stores);
    });
    const { groups, sizes, tile } = sa.layer;
    const trips = (dim: 'oc' | 'n' | 'oh' | 'ow'): number => Math.ceil(sizes[dim] / tile[dim]);
    const channelTiles = groups * trips('oc');
    this.steps = channelTiles * trips('n') * trips('oh') * trips('ow') + (this.hasChannelSteps ? channelTiles : 0);
  }

  /** Instructions and NOPs of all members, each once, in bits: of tiles, and of what follows an oc tile. */
  programBits(): number[] {
    const bits = this.group.members.map(({ layer }) => simdParts(layer).map(programBits));
    const ofPart = (part: number): number => bits.reduce((sum, each) => sum + (each[part] ?? 0), 0);
    return this.hasChannelSteps ? [ofPart(0), ofPart(1)] : [ofPart(0)];
  }

  /**
   * A walk over the steps, which fast-forward sees follow the SA side's. With channel steps the loops over oc tiles are
   * outside of all others.
   */
  walk(): StepWalk<FusedStepShape> {
    const { hasChannelSteps, sa, table } = this;
    const loops = sa.completeLoops();
    const isOuter = ({ bits }: Loop): boolean => hasChannelSteps && (bits & CHANNEL_TILE) !== 0;
    return new StepWalk({
      outer: new LoopNest(loops.filter(isOuter)),
      inner: new LoopNest(loops.filter((loop) => !isOuter(loop))),
      isPerTile: hasChannelSteps ? TILES_AND_CHANNELS : ONE_PART,
      table,
      shapes: sa.shapes.length,
      isFollowing: true,
    });
  }

  /** The working sets, one per step. Statistics follow strictly behind their tiles, and the next oc tile behind them. */
  visits(): FusedVisits {
    const isSerialByPart = this.hasChannelSteps;
    return new FusedVisits({
      walk: this.walk(),
      steps: this.steps,
      stepsPerVisit: 1,
      isSerialByPart,
      reductions: undefined,
    });
  }
}

/** The tile that a visit hands over, channels padded to the lanes. */
function tileOf(sa: SaSchedule, shape: number, hardware: Hardware): SimdSizes {
  const { oc, n, oh, ow } = sa.tileOf(shape);
  return { c: roundUpTo(oc, hardware.array.columns), n, h: oh, w: ow };
}

/** The members' work on a tile, one operation after another; `part` 1: behind the last tile of an oc tile. */
function fusedShape(group: FusedGroup, part: number, tile: SimdSizes, hardware: Hardware): FusedStepShape {
  const loads: SimdTransfer[] = [];
  const stores: SimdTransfer[] = [];
  const operations: StepOperation[] = [];
  const members = group.members.map((member, place) => {
    const { layer } = member;
    const own = simdParts(layer)[part];
    if (own === undefined) return NOTHING;
    const isLast = place === group.members.length - 1;
    const costs = partCostsOf(layer, own, ['c'], tile, hardware);
    operations.push({ ...costs.operations[0]!, handedOver: member.handedOver });
    const fetched = costs.loads.filter(({ operand: { tensor } }) => !isHere(member, tensor));
    const kept = isLast ? costs.stores : [];
    loads.push(...fetched.map((load) => named(load, layer.name)));
    stores.push(...kept.map((store) => named(store, layer.name)));
    const obufReadBits = part > 0 ? 0 : tileReads(own, member) * elementsOf(tile) * layer.bits.psum;
    return {
      loadBits: sumOf(fetched),
      storeBits: sumOf(kept),
      computeCycles: costs.computeCycles,
      fillCycles: costs.fillCycles,
      obufReadBits,
      vmemBits: costs.vmemBits - obufReadBits,
      vmemReadBits: costs.vmemReadBits - obufReadBits,
      immBits: costs.immBits,
      imemBits: costs.imemBits,
      ops: costs.ops,
      opCounts: costs.opCounts,
    };
  });
  const total = (figure: keyof Omit<(typeof members)[number], 'opCounts'>): number =>
    members.reduce((sum, member) => sum + member[figure], 0);
  return {
    operations,
    loads,
    stores,
    computeCycles: total('computeCycles'),
    fillCycles: total('fillCycles'),
    vmemBits: total('vmemBits'),
    vmemReadBits: total('vmemReadBits'),
    immBits: total('immBits'),
    imemBits: total('imemBits'),
    ops: total('ops'),
    opCounts: members.flatMap(({ opCounts }) => opCounts),
    obufReadBits: total('obufReadBits'),
    takesTile: part === 0,
    members,
  };
}

const NOTHING = {
  ...{ loadBits: 0, storeBits: 0, computeCycles: 0, fillCycles: 0, obufReadBits: 0, vmemBits: 0, vmemReadBits: 0 },
  ...{ immBits: 0, imemBits: 0, ops: 0, opCounts: [] as SimdStepShape['opCounts'] },
} as const;

/** Whether a tensor of a member is on chip: handed over, or made by an earlier member. */
function isHere({ handedOver, inside }: FusedMember, tensor: string): boolean {
  return handedOver.has(tensor) || inside.has(tensor);
}

/** Tensors of several members may have one name. */
function named({ operand, bits }: SimdTransfer, member: string): SimdTransfer {
  return transferOf({ ...operand, tensor: `${member}.${operand.tensor}` }, bits);
}

function sumOf(transfers: readonly SimdTransfer[]): number {
  return transfers.reduce((sum, { bits }) => sum + bits, 0);
}

function elementsOf({ c, n, h, w }: SimdSizes): number {
  return c * n * h * w;
}

/** How often an element of the tile handed over is read from OBuf. */
function tileReads({ instructions }: Part, { layer, handedOver }: FusedMember): number {
  const isRead = (source: Source | undefined): number =>
    source !== undefined && !isImmediate(source) && handedOver.has(source.tensor) ? 1 : 0;
  return instructions.reduce(
    (reads, instruction) =>
      reads + executionsPerElement(instruction, layer.window) * (isRead(instruction.a) + isRead(instruction.b)),
    0,
  );
}

/** The working sets in the order in which they are given a slot of VMem, whatever the SA layer has done. */
export class FusedVisits extends VisitWalk<FusedStepShape> {
  /** Tiles that are used up to the current step. */
  tilesNeeded = 1;

  override advance(): void {
    super.advance();
    if (this.walk.step.takesTile) this.tilesNeeded++;
  }

  override listState(state: StateList): void {
    super.listState(state);
    this.tilesNeeded = state.total(this.tilesNeeded);
  }
}

/** The layers of a group. */
export function layersOf({ sa, members }: FusedGroup): [SaLayer, ...FusedMember['layer'][]] {
  return [sa, ...members.map(({ layer }) => layer)];
}
