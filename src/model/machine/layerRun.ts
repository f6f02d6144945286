/** A layer in a program: the walk of its unit through its steps, and the streams of tiles that the steps need. */

import type { FusedGroup } from '../fusion/groups.ts';
import type { Layer, SaLayer, SimdLayer } from '../layers/layer.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import { FusedSchedule } from '../schedule/fusedSchedule.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { SaSchedule, type SaStepShape } from '../schedule/saSchedule.ts';
import { SimdSchedule, type SimdStepShape } from '../schedule/simdSchedule.ts';
import type { StepTile } from '../schedule/step.ts';
import type { StepWalk } from '../schedule/stepWalk.ts';
import type { VisitWalk } from '../schedule/visitWalk.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { Announcer } from './announcer.ts';
import type { Components } from './components.ts';
import { HandingStream } from './handingStream.ts';
import { Handover, type TileGiver, type TileTaker } from './handover.ts';
import type { SimdProgram } from './instructionMemory.ts';
import type { InterfaceName } from './observer.ts';
import { OperandStream } from './operandStream.ts';
import type { RequestPort, TransferPort } from './ports.ts';
import type { Producers } from './producers.ts';
import type { RequestOrder } from './requestOrder.ts';
import { ResultStream } from './resultStream.ts';
import { type Reuse, SlotUses } from './slotUses.ts';
import { TakingStream } from './takingStream.ts';
import { CAUSE, WaitingCounter } from './waiting.ts';

/** The program of a layer or group on the SIMD array, and which part of it the visit that is granted next needs. */
export interface Instructions {
  readonly program: SimdProgram;
  readonly visits: Pick<VisitWalk, 'part' | 'grantAfter' | 'isOver'>;
}

/** What a layer's run is made of. */
export interface LayerRunParts<Tile extends StepTile> {
  readonly layer: Layer;
  readonly schedule: SaSchedule | SimdSchedule | FusedSchedule;
  /** The layer's place in its program. */
  readonly place: number;
  readonly walk: StepWalk<Tile>;
  /** Where the walk is in its loops, where operands have buffers of their own, whose tiles these tell apart. */
  readonly nest: LoopNest | undefined;
  /** Weights and ifmaps, in the order in which they are asked for; none on the SIMD array. */
  readonly operands: readonly OperandStream[];
  readonly result: ResultStream;
  /** A step after which a loop at this position or outside it advances ends a visit to the result's slot. */
  readonly resultPosition: number;
  /** What a step that starts its result waits for until its visit has its slot, and then until its loads are in. */
  readonly slotCause: number;
  readonly loadCause: number;
  /** The interfaces that it uses. */
  readonly ports: readonly TransferPort[];
  readonly producers: Producers;
  readonly isLockstep: boolean;
  /** What IMem must hold for the visit that is granted next; undefined where instructions are there for free. */
  readonly instructions: Instructions | undefined;
  /** Steps can have so many shapes. */
  readonly shapes: number;
  /** Of the two sides of a fused group: where its complete tiles go, or come from. */
  readonly gives?: Handover;
  readonly takes?: Handover;
}

/** What the dispatcher of a unit knows of a layer. */
export class LayerRun<Tile extends StepTile> {
  readonly layer: Layer;
  /** The same, or the layers whose operations a step of a fused group does. */
  readonly members: readonly Layer[];
  readonly schedule: SaSchedule | SimdSchedule | FusedSchedule;
  readonly place: number;
  readonly steps: number;
  readonly walk: StepWalk<Tile>;
  readonly nest: LoopNest | undefined;
  readonly operands: readonly OperandStream[];
  /** The uses of their tiles. */
  readonly weights: SlotUses | undefined;
  readonly biases: SlotUses | undefined;
  readonly ifmaps: SlotUses | undefined;
  readonly result: ResultStream;
  readonly resultPosition: number;
  readonly slotCause: number;
  readonly loadCause: number;
  readonly ports: readonly TransferPort[];
  readonly producers: Producers;
  readonly isLockstep: boolean;
  readonly instructions: LayerRunParts<Tile>['instructions'];
  readonly gives: Handover | undefined;
  readonly takes: Handover | undefined;
  readonly waiting = new WaitingCounter();
  /** Steps computed, those of them that fast-forward has jumped over, and how many there were of each shape. */
  computed = 0;
  jumped = 0;
  /** The last step whose tiles may be asked for: any, but under lockstep, which says so segment by segment. */
  furthestStep: number;
  readonly shapeCounts: number[];
  /** Cycles in which its unit computed it. */
  busyCycles = 0;
  /** Only where layers overlap: cycles in which each interface moved its tiles, and its events. */
  readonly interfaceCycles: Record<InterfaceName, number> = { weight: 0, ifmap: 0, psum: 0, vmem: 0 };
  events = 0;

  constructor(parts: LayerRunParts<Tile>) {
    this.layer = parts.layer;
    this.members =
      parts.schedule instanceof FusedSchedule ? parts.schedule.group.members.map(({ layer }) => layer) : [parts.layer];
    this.schedule = parts.schedule;
    this.place = parts.place;
    this.steps = parts.schedule.steps;
    this.walk = parts.walk;
    this.nest = parts.nest;
    this.operands = parts.operands;
    this.weights = parts.operands[0]?.uses;
    this.biases = parts.operands[0]?.biases;
    this.ifmaps = parts.operands[1]?.uses;
    this.result = parts.result;
    this.resultPosition = parts.resultPosition;
    this.slotCause = parts.slotCause;
    this.loadCause = parts.loadCause;
    this.ports = parts.ports;
    this.producers = parts.producers;
    this.isLockstep = parts.isLockstep;
    this.furthestStep = parts.isLockstep ? 0 : this.steps - 1;
    this.instructions = parts.instructions;
    this.gives = parts.gives;
    this.takes = parts.takes;
    this.shapeCounts = new Array<number>(parts.shapes).fill(0);
  }

  /** Whether every step has been computed and every visit stored. */
  isComplete(): boolean {
    return this.computed === this.steps && this.result.isDone();
  }
}

export type SaRun = LayerRun<SaStepShape>;
export type SimdRun = LayerRun<SimdStepShape>;

/** What all layers of a program have in common. */
export interface ProgramContext {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly components: Components;
  readonly announcer: Announcer;
  /** Where several layers, or both sides of a group, run at once: puts their requests in order. */
  readonly order: RequestOrder | undefined;
  /** Layers wait for each other: loads may overtake each other then. */
  readonly overtakes: boolean;
}

/** Where a layer asks for transfers on an interface. */
function portFor(port: TransferPort, { order, overtakes }: ProgramContext, isSharedInGroup = false): RequestPort {
  return order !== undefined && (overtakes || isSharedInGroup) ? order.before(port) : port;
}

/** A position inside of all loops: every step is a visit. */
const EVERY_STEP = 99;

/** A conv or gemm, ready to run; `group`: whose SA side it is. */
export function saRun(
  layer: SaLayer,
  place: number,
  producers: Producers,
  context: ProgramContext,
  group?: GroupSides,
): SaRun {
  const { hardware, assumptions, components, announcer } = context;
  const { wbuf, bbuf, ibuf, obuf, weightInterface, ifmapInterface, psumInterface } = components;
  const schedule = new SaSchedule(layer, hardware, assumptions);
  const reuse: Reuse = assumptions.reloadOperands ? 'none' : 'any slot';
  const wiring = { schedule, place, announcer, producers };
  const weights = new SlotUses(wbuf, reuse, schedule.weight.relevantMask);
  // A bias tile stays until the group or oc advances, however often the weights are loaded again.
  const biases = new SlotUses(bbuf, assumptions.reloadOperands ? 'latest' : 'any slot', schedule.biasMask);
  const ifmaps = new SlotUses(ibuf, reuse, schedule.ifmap.relevantMask);
  // Where more visits than slots lie between two to the same psum, its store has ended before its slot came free.
  // That does not hold where complete tiles leave without a store.
  const isAlwaysStored = group === undefined && schedule.fewestVisitsBetween() >= hardware.slots.obuf;
  const waitsForStores = !assumptions.noPsumHazard && !isAlwaysStored;
  const walk = schedule.walk();
  const results = {
    sram: obuf,
    port: portFor(psumInterface, context, true),
    announcer,
    producers,
    place,
    isOutOfOrder: context.overtakes,
  };
  const visits = schedule.visits(waitsForStores);
  const handing = group && new HandingStream(visits, results, group.group.isSumStored);
  return new LayerRun<SaStepShape>({
    layer,
    schedule,
    place,
    walk,
    nest: walk.inner,
    operands: [
      new OperandStream('weight', schedule.weight, weights, biases, {
        ...wiring,
        port: portFor(weightInterface, context),
      }),
      new OperandStream('ifmap', schedule.ifmap, ifmaps, undefined, {
        ...wiring,
        port: portFor(ifmapInterface, context),
      }),
    ],
    result: handing ?? new ResultStream(visits, results),
    resultPosition: schedule.psum.position,
    slotCause: CAUSE.outputSlot,
    loadCause: CAUSE.outputSlot,
    ports: [weightInterface, ifmapInterface, psumInterface],
    producers,
    isLockstep: assumptions.lockstep,
    instructions: undefined,
    shapes: schedule.shapes.length,
    ...(handing && { gives: new Handover({ stream: handing, place, isLockstep: assumptions.lockstep, ...group! }) }),
  });
}

/** A fused group and the dispatchers of its two sides. */
export interface GroupSides {
  readonly group: FusedGroup;
  readonly giver: TileGiver;
  readonly taker: TileTaker;
}

/** The SIMD side of a fused group, ready to run behind its SA side. */
export function fusedRun(group: FusedGroup, sa: SaRun, producers: Producers, context: ProgramContext): SimdRun {
  const { hardware, components, announcer } = context;
  const { vmem, vmemInterface } = components;
  const schedule = new FusedSchedule(group, sa.schedule as SaSchedule, hardware);
  const visits = schedule.visits();
  const handover = sa.gives!;
  const results = {
    sram: vmem,
    port: portFor(vmemInterface, context),
    announcer,
    producers,
    place: group.last,
    isOutOfOrder: context.overtakes,
  };
  return new LayerRun<SimdStepShape>({
    layer: group.members.at(-1)!.layer,
    schedule,
    place: group.last,
    walk: schedule.walk(),
    nest: undefined,
    operands: [],
    result: handover.isLockstep ? new TakingStream(visits, results, handover) : new ResultStream(visits, results),
    resultPosition: EVERY_STEP,
    slotCause: CAUSE.vmemStore,
    loadCause: CAUSE.vmemLoad,
    ports: [vmemInterface],
    producers,
    isLockstep: false,
    instructions: instructionsOf(schedule, visits, context),
    shapes: schedule.shapes.length,
    takes: handover,
  });
}

/** What must be in IMem, where that takes time to load. */
function instructionsOf(
  schedule: SimdSchedule | FusedSchedule,
  visits: Instructions['visits'],
  { components: { imem } }: ProgramContext,
): Instructions | undefined {
  if (!imem.isLoaded()) return undefined;
  const partBits = schedule.programBits();
  return { program: { partBits, totalBits: partBits.reduce((sum, bits) => sum + bits, 0) }, visits };
}

/** A layer of the SIMD array, ready to run. */
export function simdRun(layer: SimdLayer, place: number, producers: Producers, context: ProgramContext): SimdRun {
  const { hardware, assumptions, components, announcer } = context;
  const { vmem, vmemInterface } = components;
  const schedule = new SimdSchedule(layer, hardware, assumptions);
  const visits = schedule.visits();
  return new LayerRun<SimdStepShape>({
    layer,
    schedule,
    place,
    walk: schedule.walk(),
    nest: undefined,
    operands: [],
    result: new ResultStream(visits, {
      sram: vmem,
      port: portFor(vmemInterface, context),
      announcer,
      producers,
      place,
      isOutOfOrder: context.overtakes,
    }),
    resultPosition: EVERY_STEP,
    slotCause: CAUSE.vmemStore,
    loadCause: CAUSE.vmemLoad,
    ports: [vmemInterface],
    producers,
    isLockstep: false,
    instructions: instructionsOf(schedule, visits, context),
    shapes: schedule.parts.length * schedule.shapes,
  });
}
