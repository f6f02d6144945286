/**
 * The SIMD side of a fused group as a lazy sequence of steps: one for each visit of the SA layer that completes its sums,
 * and, where the group ends with statistics, one more behind the last tile of each oc tile (FUSION.md, Groups).
 */
import { flag, type StateList } from '../engine/stateList.ts';
import type { FusedGroup, FusedMember } from '../fusion/groups.ts';
import type { SaLayer, SimdSizes } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';
import { programBits } from '../operations/simdCosts.ts';
import { executionsPerElement, isImmediate, type Part, type Source } from '../operations/simdRow.ts';
import { simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { LoopNest } from './loopNest.ts';
import { maskOf, type SaSchedule } from './saSchedule.ts';
import { partCostsOf, type SimdStepShape, type SimdTransfer, type StepOperation } from './simdSchedule.ts';
import type { StepWalk, VisitWalk } from './step.ts';

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

export class FusedSchedule {
  readonly group: FusedGroup;
  readonly sa: SaSchedule;
  readonly steps: number;
  /** Shapes of tile steps by the SA layer's shapes, then those of the steps behind an oc tile. */
  readonly shapes: readonly FusedStepShape[];
  /** The group ends with statistics. */
  readonly hasChannelSteps: boolean;

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

  walk(): FusedWalk {
    return new FusedWalk(this);
  }

  visits(): FusedVisits {
    return new FusedVisits(this);
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
  return { operand: { ...operand, tensor: `${member}.${operand.tensor}` }, bits };
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

/** The steps in order, without allocation. */
export class FusedWalk implements StepWalk<SimdStepShape> {
  shapeNumber: number;
  /** The step is the one behind the last tile of an oc tile. */
  isBehindChannels = false;
  private readonly schedule: FusedSchedule;
  private readonly nest: LoopNest;

  constructor(schedule: FusedSchedule) {
    this.schedule = schedule;
    this.nest = schedule.sa.completeNest();
    this.shapeNumber = this.nest.shape;
  }

  /** Goes to the next step; after the last it starts over. Fast-forward looks at the SA side's loops: always −1. */
  advance(): number {
    const { nest, schedule } = this;
    if (schedule.hasChannelSteps && !this.isBehindChannels) {
      const { shape } = nest;
      const before = nest.key(CHANNEL_TILE);
      if (nest.advance() < 0 || nest.key(CHANNEL_TILE) !== before) {
        this.isBehindChannels = true;
        this.shapeNumber = schedule.sa.shapes.length + shape;
        return -1;
      }
    } else if (this.isBehindChannels) {
      this.isBehindChannels = false;
    } else {
      nest.advance();
    }
    this.shapeNumber = nest.shape;
    return -1;
  }

  tile(): FusedStepShape {
    return this.schedule.shapes[this.shapeNumber]!;
  }

  startsResult(): boolean {
    return true;
  }

  stores(): readonly SimdTransfer[] {
    return this.tile().stores;
  }

  iterationsLeft(): number {
    return 0;
  }

  listState(state: StateList): void {
    state.same(flag(this.isBehindChannels));
    this.nest.listFollowing(state);
  }
}

/** The working sets in the order in which they are given a slot of VMem, whatever the SA layer has done. */
export class FusedVisits implements VisitWalk {
  number = 0;
  /** Tiles that are used up to the current step. */
  tilesNeeded = 1;
  grantAfter = 0;
  readonly loadAfter = 0;
  private readonly schedule: FusedSchedule;
  private readonly walk: FusedWalk;

  constructor(schedule: FusedSchedule) {
    this.schedule = schedule;
    this.walk = schedule.walk();
  }

  get step(): number {
    return this.number;
  }

  get loads(): readonly SimdTransfer[] {
    return this.walk.tile().loads;
  }

  /** The part of the members' programs that the current step needs. */
  get part(): number {
    return this.walk.isBehindChannels ? 1 : 0;
  }

  isOver(): boolean {
    return this.number >= this.schedule.steps;
  }

  /** Statistics follow strictly behind their tiles, and the next oc tile behind them, as they do by themselves. */
  advance(): void {
    const wasBehindChannels = this.walk.isBehindChannels;
    this.walk.advance();
    this.number++;
    if (!this.walk.isBehindChannels) this.tilesNeeded++;
    this.grantAfter = this.walk.isBehindChannels || wasBehindChannels ? this.number : 0;
  }

  listState(state: StateList): void {
    const isOver = this.isOver();
    state.same(flag(isOver));
    if (!isOver) this.walk.listState(state);
    const waits = this.grantAfter > 0;
    state.same(flag(waits));
    this.tilesNeeded = state.total(this.tilesNeeded);
    this.number = state.total(this.number);
    if (waits) this.grantAfter = this.number;
  }
}

/** The layers of a group. */
export function layersOf({ sa, members }: FusedGroup): [SaLayer, ...FusedMember['layer'][]] {
  return [sa, ...members.map(({ layer }) => layer)];
}
