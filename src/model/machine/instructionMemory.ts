/**
 * IMem: the SIMD pipeline fetches its instructions from it, and constants from its part IMM. A layer's program is there
 * for free, as the paper assumes, unless the hardware file says at which bandwidth it is loaded; then the whole program
 * is loaded before the layer's first grant or, where it is larger than the memory, each part of it before that part.
 */
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import { flag, type Stateful, type StateList } from '../engine/stateList.ts';
import { ceilDiv } from '../layers/rounding.ts';

/** What the hardware file says of it. */
export interface InstructionMemorySpec {
  readonly sizeBits: number;
  /** How fast a program is loaded; undefined where loading costs nothing. */
  readonly bitsPerCycle: number | undefined;
}

/** A layer's instructions: bits per part of its operation. */
export interface SimdProgram {
  readonly partBits: readonly number[];
  readonly totalBits: number;
}

/** Hears that instructions which it has asked for are there. */
export interface InstructionClient {
  instructionsLoaded(cycle: number): void;
}

const NOTHING = -1;
const WHOLE_PROGRAM = -2;

export class InstructionMemory implements EventHandler, Stateful {
  readonly spec: InstructionMemorySpec;
  /** Bits fetched as instructions, read as constants, and loaded, since the machine was built. */
  readBits = 0;
  immReadBits = 0;
  loadedBits = 0;
  /** Cycles in which a program was loaded. */
  busyCycles = 0;
  isLoading = false;
  /** The part that it holds or loads, or the whole program, of the layer that runs. */
  private held = NOTHING;
  private client: InstructionClient | undefined = undefined;
  private readonly queue: EventQueue;
  private readonly ended = new SimEvent(PHASE.transferEnd, this);

  constructor(queue: EventQueue, spec: InstructionMemorySpec) {
    this.queue = queue;
    this.spec = spec;
  }

  /** Who is told that instructions are loaded. */
  attach(client: InstructionClient): void {
    this.client = client;
  }

  /** Whether programs take time to load. */
  isLoaded(): boolean {
    return this.spec.bitsPerCycle !== undefined;
  }

  /** Another layer's program is the one to hold. */
  forget(): void {
    this.held = NOTHING;
  }

  /** Whether the instructions of a part are here; if not, they are being loaded from now on. */
  ensure(program: SimdProgram, part: number): boolean {
    const { bitsPerCycle, sizeBits } = this.spec;
    if (bitsPerCycle === undefined) return true;
    const isWhole = program.totalBits <= sizeBits;
    const wanted = isWhole ? WHOLE_PROGRAM : part;
    if (this.held === wanted) return !this.isLoading;
    const bits = isWhole ? program.totalBits : program.partBits[part]!;
    this.held = wanted;
    if (bits === 0) return true;
    const cycles = ceilDiv(bits, bitsPerCycle);
    this.isLoading = true;
    this.loadedBits += bits;
    this.busyCycles += cycles;
    this.queue.schedule(this.ended, this.queue.now + cycles);
    return false;
  }

  handle(cycle: number): void {
    this.isLoading = false;
    this.client!.instructionsLoaded(cycle);
  }

  listState(state: StateList): void {
    state.same(this.held);
    state.same(flag(this.isLoading));
    this.queue.listEvent(this.ended, this.isLoading, state);
    this.readBits = state.total(this.readBits);
    this.immReadBits = state.total(this.immReadBits);
    this.loadedBits = state.total(this.loadedBits);
    this.busyCycles = state.total(this.busyCycles);
  }
}
