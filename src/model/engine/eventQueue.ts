/**
 * The clock and the event queue. Events leave in the order (cycle, phase, sequence): the same input gives the same
 * order, always. Time jumps from event to event; it never runs back.
 */
import { Heap } from 'heap-js';
import { flag, type Stateful, type StateList } from './stateList.ts';

/**
 * The order within a cycle. A compute that ends hands its result to the interface before that interface, ending a
 * transfer in the same cycle, picks what it serves next: so stores go before loads (SEMANTICS.md, Time and order).
 * Where layers overlap, what is asked of the interfaces in a cycle enters their queues when all of it is known; then a
 * banked memory plays its cycles.
 */
export const PHASE = { computeEnd: 0, transferEnd: 1, request: 2, memory: 3 } as const;
export type Phase = (typeof PHASE)[keyof typeof PHASE];

/** What happens at an event is its handler's business. */
export interface EventHandler {
  handle(cycle: number): void;
}

/** An event; each component owns its own and schedules it again and again, so that none is ever allocated in a run. */
export class SimEvent {
  cycle = 0;
  sequence = 0;
  readonly phase: Phase;
  readonly handler: EventHandler;

  constructor(phase: Phase, handler: EventHandler) {
    this.phase = phase;
    this.handler = handler;
  }
}

/** The total order of events. */
export function compareEvents(a: SimEvent, b: SimEvent): number {
  return a.cycle - b.cycle || a.phase - b.phase || a.sequence - b.sequence;
}

/** The part of heap-js that the queue uses; the benchmark puts a recording heap in its place. */
export interface EventHeap {
  add(event: SimEvent): boolean;
  peek(): SimEvent | undefined;
  pop(): SimEvent | undefined;
  replace(event: SimEvent): SimEvent | undefined;
  remove(event: SimEvent): boolean;
}

/** An empty heap whose array the engine already knows to hold objects: it compiles adding to any other less well. */
function emptyHeap(): Heap<SimEvent> {
  const heap = new Heap<SimEvent>(compareEvents);
  heap.heapArray = [new SimEvent(PHASE.computeEnd, { handle: () => {} })];
  heap.heapArray.pop();
  return heap;
}

/** Clock and pending events. */
export class EventQueue implements Stateful {
  /** The current cycle. */
  now = 0;
  /** Events handled so far, those of jumped stretches included. */
  handled = 0;
  private sequence = 0;
  /** The event being handled still sits at the heap's root; the first one scheduled takes its place. */
  private rootIsSpent = false;
  private isPausing = false;
  private readonly heap: EventHeap;

  constructor(heap: EventHeap = emptyHeap()) {
    this.heap = heap;
  }

  /** Schedules `event` for `cycle`, which must not lie in the past. An event can be pending only once. */
  schedule(event: SimEvent, cycle: number): void {
    event.cycle = cycle;
    event.sequence = this.sequence++;
    if (this.rootIsSpent) {
      this.rootIsSpent = false;
      this.heap.replace(event);
    } else {
      this.heap.add(event);
    }
  }

  /** Takes a pending event back; the heap is searched for it. */
  cancel(event: SimEvent): void {
    this.heap.remove(event);
  }

  /** When the next event is due; infinite if none is pending. The event that is being handled no longer is. */
  nextCycle(): number {
    if (this.rootIsSpent) {
      this.rootIsSpent = false;
      this.heap.pop();
    }
    return this.heap.peek()?.cycle ?? Number.POSITIVE_INFINITY;
  }

  /** Lets the current `run` return after the event that is being handled. */
  pause(): void {
    this.isPausing = true;
  }

  /** Handles up to `limit` events, or until somebody asks for a pause; returns true when none is left. */
  run(limit: number): boolean {
    const { heap } = this;
    this.isPausing = false;
    let count = 0;
    while (count < limit && !this.isPausing) {
      const event = heap.peek();
      if (event === undefined) break;
      const { cycle } = event;
      this.now = cycle;
      this.rootIsSpent = true;
      event.handler.handle(cycle);
      if (this.rootIsSpent) {
        this.rootIsSpent = false;
        heap.pop();
      }
      count++;
    }
    this.handled += count;
    return heap.peek() === undefined;
  }

  /** Sets the clock back to 0 for the next layer; only an empty queue may be reset. */
  reset(): void {
    if (this.heap.peek() !== undefined) throw new Error('the event queue is reset while events are pending');
    this.now = 0;
    this.sequence = 0;
  }

  /** The clock; each pending event is shown by its owner. Between events only. */
  listState(state: StateList): void {
    this.now = state.cycle(this.now);
    this.sequence = state.total(this.sequence);
    this.handled = state.total(this.handled);
  }

  /**
   * An event of a component and whether it is pending. All pending events move by the same time, so that the heap
   * stays in order.
   */
  listEvent(event: SimEvent, isPending: boolean, state: StateList): void {
    state.same(flag(isPending));
    if (!isPending) return;
    state.same(this.sequence - event.sequence);
    event.cycle = state.cycle(event.cycle);
    event.sequence = state.total(event.sequence);
  }
}
