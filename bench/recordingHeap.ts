/** A heap that records what a run does to it, and the replay of that record on heap-js alone. */
import { Heap } from 'heap-js';
import { compareEvents, type EventHeap, type Phase, SimEvent } from '../src/model/engine/eventQueue.ts';

const ADD = 0;
const REPLACE = 1;
const POP = 2;
const PEEK = 3;

/** The heap operations of a run, packed: what was done, to which event, with which cycle. */
export interface Recording {
  readonly operations: Uint8Array;
  readonly events: Uint8Array;
  /** Small integers, as in the run: with fractions the optimiser would box each of them, in the run beside it too. */
  readonly cycles: Int32Array;
  /** One recycled event per event of the run. */
  readonly phases: readonly Phase[];
}

/** Records while it works as the run's heap. */
export class RecordingHeap implements EventHeap {
  private readonly heap = new Heap<SimEvent>(compareEvents);
  private readonly known: SimEvent[] = [];
  private readonly operations: number[] = [];
  private readonly events: number[] = [];
  private readonly cycles: number[] = [];

  add(event: SimEvent): boolean {
    this.note(ADD, event);
    return this.heap.add(event);
  }

  replace(event: SimEvent): SimEvent | undefined {
    this.note(REPLACE, event);
    return this.heap.replace(event);
  }

  pop(): SimEvent | undefined {
    this.note(POP, undefined);
    return this.heap.pop();
  }

  /** Only a banked memory takes events back, and no such run is recorded. */
  remove(): boolean {
    throw new Error('a recorded run takes no event back');
  }

  peek(): SimEvent | undefined {
    this.note(PEEK, undefined);
    return this.heap.peek();
  }

  recording(): Recording {
    return {
      operations: Uint8Array.from(this.operations),
      events: Uint8Array.from(this.events),
      cycles: Int32Array.from(this.cycles),
      phases: this.known.map((event) => event.phase),
    };
  }

  private note(operation: number, event: SimEvent | undefined): void {
    let place = 0;
    if (event !== undefined) {
      place = this.known.indexOf(event);
      if (place < 0) place = this.known.push(event) - 1;
    }
    this.operations.push(operation);
    this.events.push(place);
    this.cycles.push(event?.cycle ?? 0);
  }
}

/** Does the recorded operations on a bare heap-js heap with empty handlers; returns a checksum of the cycles seen. */
export function replay(recording: Recording): number {
  const { operations, events, cycles, phases } = recording;
  const heap = new Heap<SimEvent>(compareEvents);
  const pool = phases.map((phase) => new SimEvent(phase, { handle: () => {} }));
  let sequence = 0;
  let checksum = 0;
  for (let place = 0; place < operations.length; place++) {
    const event = pool[events[place]!]!;
    switch (operations[place]) {
      case ADD:
        event.cycle = cycles[place]!;
        event.sequence = sequence++;
        heap.add(event);
        break;
      case REPLACE:
        event.cycle = cycles[place]!;
        event.sequence = sequence++;
        heap.replace(event);
        break;
      case POP:
        heap.pop();
        break;
      case PEEK: {
        const root = heap.peek();
        if (root !== undefined) {
          checksum += root.cycle;
          root.handler.handle(root.cycle);
        }
        break;
      }
    }
  }
  return checksum;
}
