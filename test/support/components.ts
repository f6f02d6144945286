/** Components on a queue of their own: actions at cycles, and what they report. */
import { type EventHandler, EventQueue, PHASE, SimEvent } from '../../src/model/engine/eventQueue.ts';

/** Does something at a cycle, after the ends of computes and before those of transfers that were scheduled later. */
export function at(queue: EventQueue, cycle: number, action: () => void): void {
  const handler: EventHandler = { handle: action };
  queue.schedule(new SimEvent(PHASE.transferEnd, handler), cycle);
}

/** Lets events pass up to a cycle, its own included; the queue's clock then stands there. */
export function passUntil(queue: EventQueue, cycle: number): void {
  at(queue, cycle, () => queue.pause());
  while (queue.now < cycle) queue.run(Number.MAX_SAFE_INTEGER);
}

/** Lets all events pass. */
export function passAll(queue: EventQueue): void {
  while (!queue.run(Number.MAX_SAFE_INTEGER));
}

export { EventQueue };
