/** A dispatcher with its unit, its SRAMs and its interfaces: what it asks of them, and when, for a layer of two tiles. */
import { beforeEach, describe, expect, it } from 'vitest';
import { NO_WINDOW, type SimdLayer } from '../../../src/model/layers/layer.ts';
import { Announcer } from '../../../src/model/machine/announcer.ts';
import { buildComponents, type Components } from '../../../src/model/machine/components.ts';
import { Dispatcher } from '../../../src/model/machine/dispatcher.ts';
import { type SaRun, type SimdRun, saRun, simdRun } from '../../../src/model/machine/layerRun.ts';
import type { MachineObserver } from '../../../src/model/machine/observer.ts';
import { Producers } from '../../../src/model/machine/producers.ts';
import { HARDWARE } from '../../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../../src/model/schemas/hardware.ts';
import { EventQueue, passAll, passUntil } from '../../support/components.ts';
import { TINY_HARDWARE, tinyConv } from '../../support/tinyMachine.ts';

/** What is seen of loads, computes and stores: `12 load ifmap 1` is asked for in cycle 12. */
function watcher(seen: string[]): MachineObserver {
  return {
    layerStarted: () => {},
    transferRequested: (_, moves, cycle) => {
      for (const { direction, tensor, step } of moves) seen.push(`${cycle} ${direction} ${tensor} ${step}`);
    },
    transferStarted: () => {},
    transferEnded: () => {},
    computeStarted: (step, cycle) => seen.push(`${cycle} compute ${step}`),
    computeEnded: (step, cycle) => seen.push(`${cycle} computed ${step}`),
    layerEnded: () => {},
  } as MachineObserver;
}

const context = (hardware: Hardware, components: Components, announcer: Announcer) => ({
  hardware,
  assumptions: HARDWARE,
  components,
  announcer,
  order: undefined,
  overtakes: false,
});

/** A queue, the components of a hardware file, and what they are seen to do. */
function build(hardware: Hardware) {
  const queue = new EventQueue();
  const components = buildComponents(hardware, queue, { kind: 'ideal' });
  const announcer = new Announcer(false);
  const seen: string[] = [];
  announcer.observer = watcher(seen);
  const { weightInterface, ifmapInterface, psumInterface, vmemInterface } = components;
  for (const port of [weightInterface, ifmapInterface, psumInterface, vmemInterface]) port.observer = watcher(seen);
  const heard: string[] = [];
  const listener = {
    layerComputed: () => heard.push(`${queue.now} computed`),
    layerDone: (_: number, cycle: number) => heard.push(`${cycle} done`),
  };
  return { queue, components, announcer, seen, heard, listener };
}

describe('of the PE array', () => {
  // Two positions, a tile each, at a bit per cycle: 3 cycles for the weights and 2 for the bias behind them, 4 for each
  // ifmap, 1 to compute, 5 for each store.
  const bits = { weight: 3, bias: 2, ifmap: 4, psum: 5 };
  const hardware = { ...TINY_HARDWARE, bits, bitsPerCycle: { ...TINY_HARDWARE.bitsPerCycle, weight: 1 } };
  const layer = { ...tinyConv({ ow: 2 }, { ow: 1 }), bits };
  let machine: ReturnType<typeof build>;
  let run: SaRun;
  let dispatcher: Dispatcher<never>;

  beforeEach(() => {
    machine = build(hardware);
    const { components, announcer, listener } = machine;
    const { peArray, wbuf, ibuf, obuf, bbuf } = components;
    const ours = new Dispatcher({ unit: peArray, srams: [wbuf, ibuf, obuf, bbuf], imem: undefined, announcer });
    run = saRun(layer, 0, new Producers(), context(hardware, components, announcer));
    ours.begin([run], false, listener);
    ours.start();
    dispatcher = ours as unknown as Dispatcher<never>;
  });

  it('asks for what finds a slot, computes what is there, and stores what is done', () => {
    const { queue, seen, heard } = machine;
    expect(seen).toEqual(['0 load weight 0', '0 load bias 0', '0 load ifmap 0', '0 load ifmap 1']);
    passAll(queue);
    expect(seen.slice(4)).toEqual([
      '5 compute 0', // the bias is in; weights were in 3, the ifmap in 4
      '6 computed 0',
      '6 store psum 0', // until 11
      '8 compute 1', // the second ifmap is in
      '9 computed 1',
      '9 store psum 1', // behind the first: 11–16
    ]);
    expect(heard).toEqual(['9 computed', '16 done']);
    expect([dispatcher.isDone(), run.computed, run.busyCycles]).toEqual([true, 2, 2]);
  });

  it('books every cycle in which the array waits', () => {
    passAll(machine.queue);
    dispatcher.finish(16, 16);
    const { weight, bias, ifmap, drain } = run.waiting.byCause();
    expect([weight, bias, ifmap, drain]).toEqual([3, 2, 2, 0]);
    // The last store belongs to nobody's compute.
    expect(dispatcher.idle.byCause().drain).toBe(16 - 9);
    expect(run.waiting.total() + dispatcher.idle.total() + run.busyCycles).toBe(16);
  });

  it('gives slots before loads are asked for, and frees them when a tile has been used or stored', () => {
    const { queue, components } = machine;
    const { wbuf, ibuf, obuf, bbuf } = components;
    const occupied = (): number[] => [wbuf, bbuf, ibuf, obuf].map(({ occupiedSlots }) => occupiedSlots);
    expect(occupied()).toEqual([1, 1, 2, 2]);
    passUntil(queue, 6); // the first ifmap has been used
    expect(occupied()).toEqual([1, 1, 1, 2]);
    passUntil(queue, 11); // all is computed, the first psum stored
    expect(occupied()).toEqual([0, 0, 0, 1]);
    passAll(queue);
    expect(occupied()).toEqual([0, 0, 0, 0]);
    // Weights and bias until all is computed; ifmaps 0–6 and 0–9; psums 0–11 and 0–16.
    expect([wbuf, bbuf, ibuf, obuf].map((sram) => sram.slotCycles(16))).toEqual([9, 9, 15, 27]);
    expect([wbuf, bbuf, ibuf, obuf].map(({ peakSlots }) => peakSlots)).toEqual([1, 1, 2, 2]);
    expect([wbuf, bbuf, ibuf, obuf].map(({ loadedBits, storedBits }) => [loadedBits, storedBits])).toEqual([
      [3, 0],
      [2, 0],
      [8, 0],
      [0, 10],
    ]);
  });
});

describe('of the SIMD array', () => {
  // ReLU on two elements, a tile each, in VMem's one slot: 4 cycles for a load, 1 + 5 to compute, 2 for a store.
  const bits = { input: 4, output: 2, psum: 4, weight: 1, bias: 1 };
  const sizes = { c: 1, n: 1, h: 1, w: 2 };
  const tile = { ...sizes, w: 1 };
  const layer: SimdLayer = { unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile, window: NO_WINDOW, bits };

  function start(hardware: Hardware): ReturnType<typeof build> & { readonly run: SimdRun } {
    const machine = build(hardware);
    const { components, announcer, listener } = machine;
    const { simdPipeline, vmem, imem } = components;
    const dispatcher = new Dispatcher({ unit: simdPipeline, srams: [vmem], imem, announcer });
    const run = simdRun(layer, 0, new Producers(), context(hardware, components, announcer));
    dispatcher.begin([run], false, listener);
    dispatcher.start();
    return { ...machine, run };
  }

  it('loads, computes and stores one after the other in a single slot', () => {
    const { queue, seen, heard, components } = start(TINY_HARDWARE);
    passAll(queue);
    expect(seen).toEqual([
      '0 load X 0',
      '4 compute 0',
      '10 computed 0',
      '10 store Y 0',
      '12 load X 1',
      '16 compute 1',
      '22 computed 1',
      '22 store Y 1',
    ]);
    expect(heard).toEqual(['22 computed', '24 done']);
    expect([components.vmem.slotCycles(24), components.vmem.peakSlots]).toEqual([24, 1]);
  });

  it('overlaps them with two slots', () => {
    const { queue, seen, heard } = start({ ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, vmem: 2 } });
    passAll(queue);
    expect(seen).toEqual([
      '0 load X 0',
      '0 load X 1', // 4–8
      '4 compute 0',
      '10 computed 0',
      '10 store Y 0',
      '10 compute 1',
      '16 computed 1',
      '16 store Y 1',
    ]);
    expect(heard).toEqual(['16 computed', '18 done']);
  });

  it('waits for its instructions where the hardware file says how they are loaded', () => {
    // One instruction of 32 bits, 8 a cycle: nothing is granted before cycle 4.
    const { queue, seen, heard, run, components } = start({
      ...TINY_HARDWARE,
      instructionLoading: { bitsPerCycle: 8 },
    });
    passAll(queue);
    expect(seen.slice(0, 2)).toEqual(['4 load X 0', '8 compute 0']);
    expect(heard).toEqual(['26 computed', '28 done']);
    expect([components.imem.loadedBits, components.imem.busyCycles]).toEqual([32, 4]);
    expect(run.waiting.byCause().instructions).toBe(4);
  });
});
