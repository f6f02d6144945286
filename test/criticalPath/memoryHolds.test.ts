/** What holds up a load in banked memory, burst by burst. */
import { describe, expect, it } from 'vitest';
import type { TileMove } from '../../src/model/machine/observer.ts';
import { MemoryHolds } from '../../src/studies/criticalPath/memoryHolds.ts';

const move = (direction: 'load' | 'store'): TileMove => ({
  tensor: 'ifmap',
  direction,
  step: 0,
  slot: 0,
  bits: 1024,
  layer: 0,
});

describe('a load in banked memory', () => {
  it('waits for the row of its first burst, then for a refresh and the row behind it', () => {
    const memory = new MemoryHolds().startingAt(0);
    const load = move('load');
    memory.burstServed(0, 0, load, 'row miss', 20, 22);
    memory.burstServed(0, 0, load, 'row hit', 24, 26);
    memory.refreshed(0, 30, 50);
    memory.burstServed(0, 0, load, 'row miss', 70, 72);
    expect(memory.holdsOf([load])).toEqual([
      { from: 0, to: 20, reason: 'row' },
      { from: 30, to: 50, reason: 'refresh' },
      { from: 50, to: 70, reason: 'row' },
    ]);
    // It is forgotten.
    expect(memory.holdsOf([load])).toEqual([]);
  });

  it('waits for no row while the bus moves something else, nor in channels that were done before', () => {
    const memory = new MemoryHolds().startingAt(100);
    const [load, store] = [move('load'), move('store')];
    memory.burstServed(1, 0, load, 'row miss', 130, 132);
    memory.burstServed(0, 0, load, 'row hit', 110, 112);
    memory.burstServed(0, 0, store, 'row hit', 118, 120);
    memory.burstServed(0, 0, load, 'row miss', 140, 142);
    // Channel 0 is the last one; its bus was free from 120 on, 20 cycles into the program.
    expect(memory.holdsOf([load])).toEqual([{ from: 20, to: 40, reason: 'row' }]);
  });
});
