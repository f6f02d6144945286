import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHandler, EventQueue, PHASE, type Phase, SimEvent } from '../../src/model/engine/eventQueue.ts';
import { sample } from '../support/arbitraries.ts';

/** Says its name when it fires, then does what comes next. */
class Named implements EventHandler {
  readonly event: SimEvent;
  private readonly name: string;
  private readonly log: string[];
  private readonly next: (cycle: number) => void;

  constructor(name: string, phase: Phase, log: string[], next: (cycle: number) => void = () => {}) {
    this.name = name;
    this.log = log;
    this.next = next;
    this.event = new SimEvent(phase, this);
  }

  handle(cycle: number): void {
    this.log.push(`${cycle} ${this.name}`);
    this.next(cycle);
  }
}

const phase = fc.constantFrom(...Object.values(PHASE));
/** Cycles from so few that ties are common. */
const plans = fc.array(fc.record({ cycle: fc.nat({ max: 9 }), phase }), { maxLength: 40 });

describe('the event queue', () => {
  it('hands out events by cycle, then phase, then the order in which they were scheduled', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const log: string[] = [];
        const queue = new EventQueue();
        for (const [place, { cycle, phase }] of plan.entries()) {
          queue.schedule(new Named(`${place}`, phase, log).event, cycle);
        }
        queue.run(Number.POSITIVE_INFINITY);
        // Array.sort is stable: what is level stays in the order of scheduling.
        const expected = [...plan.entries()].sort(([, a], [, b]) => a.cycle - b.cycle || a.phase - b.phase);
        expect(log).toEqual(expected.map(([place, { cycle }]) => `${cycle} ${place}`));
      }),
      sample(150),
    );
  });

  it('never runs back while handlers schedule on, and recycles their events', () => {
    const delays = fc.array(fc.array(fc.nat({ max: 3 }), { maxLength: 20 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(delays, (perEvent) => {
        const log: string[] = [];
        const cycles: number[] = [];
        const queue = new EventQueue();
        for (const [place, later] of perEvent.entries()) {
          const left = [...later];
          const named = new Named(`${place}`, PHASE.transferEnd, log, (cycle) => {
            cycles.push(cycle);
            const delay = left.shift();
            if (delay !== undefined) queue.schedule(named.event, cycle + delay);
          });
          queue.schedule(named.event, place);
        }
        queue.run(Number.POSITIVE_INFINITY);
        expect(cycles).toEqual([...cycles].sort((a, b) => a - b));
        // Every event fires once, and once more for each delay.
        expect(queue.handled).toBe(perEvent.reduce((sum, later) => sum + 1 + later.length, 0));
      }),
      sample(150),
    );
  });

  it('puts what a handler schedules for its own cycle behind what already waits in that cycle', () => {
    const log: string[] = [];
    const queue = new EventQueue();
    const late = new Named('late', PHASE.computeEnd, log);
    queue.schedule(new Named('first', PHASE.computeEnd, log, (cycle) => queue.schedule(late.event, cycle)).event, 5);
    queue.schedule(new Named('second', PHASE.computeEnd, log).event, 5);
    queue.schedule(new Named('later phase', PHASE.transferEnd, log).event, 5);
    queue.run(Number.POSITIVE_INFINITY);
    expect(log).toEqual(['5 first', '5 second', '5 late', '5 later phase']);
  });

  it('stops after so many events and goes on from there', () => {
    const log: string[] = [];
    const queue = new EventQueue();
    for (const cycle of [3, 1, 2]) queue.schedule(new Named(`${cycle}`, PHASE.computeEnd, log).event, cycle);
    expect(queue.run(2)).toBe(false);
    expect([log, queue.now]).toEqual([['1 1', '2 2'], 2]);
    expect(queue.run(1)).toBe(true);
    expect([log.at(-1), queue.now, queue.handled]).toEqual(['3 3', 3, 3]);
  });

  it('takes a pending event back', () => {
    const log: string[] = [];
    const queue = new EventQueue();
    const [kept, cancelled] = [new Named('kept', PHASE.computeEnd, log), new Named('cancelled', PHASE.computeEnd, log)];
    queue.schedule(new Named('first', PHASE.computeEnd, log, () => queue.cancel(cancelled.event)).event, 1);
    queue.schedule(cancelled.event, 2);
    queue.schedule(kept.event, 3);
    queue.run(Number.POSITIVE_INFINITY);
    expect(log).toEqual(['1 first', '3 kept']);
  });

  it('sets its clock back only when nothing is pending', () => {
    const queue = new EventQueue();
    const log: string[] = [];
    queue.schedule(new Named('only', PHASE.computeEnd, log).event, 4);
    expect(() => queue.reset()).toThrow('pending');
    queue.run(Number.POSITIVE_INFINITY);
    queue.reset();
    expect(queue.now).toBe(0);
  });
});
