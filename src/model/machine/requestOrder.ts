/**
 * Where layers overlap, several of them may ask for transfers in one cycle. They enter their interfaces' queues in the
 * order that the rules give (SEMANTICS.md, Time and order), whatever happened first within the cycle.
 */
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import type { Stateful, StateList } from '../engine/stateList.ts';
import type { TileMove } from './observer.ts';
import type { RequestPort } from './ports.ts';
import { kindOf, placeOf, TAG } from './tags.ts';

/** A transfer that has been asked for in this cycle. */
interface Request {
  readonly port: RequestPort;
  readonly tag: number;
  readonly firstBits: number;
  readonly secondBits: number;
  readonly moves: readonly TileMove[];
}

export class RequestOrder implements EventHandler, Stateful {
  private readonly queue: EventQueue;
  private readonly event = new SimEvent(PHASE.request, this);
  private readonly requests: Request[] = [];

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** The interface, for requests that are put in order first. */
  before(port: RequestPort): RequestPort {
    return {
      request: (tag, firstBits, secondBits, moves) => {
        if (this.requests.length === 0) this.queue.schedule(this.event, this.queue.now);
        this.requests.push({ port, tag, firstBits, secondBits, moves });
      },
    };
  }

  /** Stores go before loads, then the layers' order decides, then that in which a layer asks. */
  handle(): void {
    const inOrder = this.requests
      .splice(0)
      .sort((a, b) => Number(isLoad(a)) - Number(isLoad(b)) || placeOf(a.tag) - placeOf(b.tag));
    for (const { port, tag, firstBits, secondBits, moves } of inOrder) port.request(tag, firstBits, secondBits, moves);
  }

  /** A tag says which interface a request is for. */
  listState(state: StateList): void {
    const { requests } = this;
    this.queue.listEvent(this.event, requests.length > 0, state);
    state.same(requests.length);
    for (const { tag, firstBits, secondBits } of requests) {
      state.same(tag);
      state.same(firstBits);
      state.same(secondBits);
    }
  }
}

function isLoad({ tag }: Request): boolean {
  return kindOf(tag) !== TAG.store;
}
