/**
 * Who is connected to whom in the machine, read off the machine itself: the objects that each component holds, and which
 * way bits have gone after a layer of each unit.
 */
import { NO_WINDOW, type SaLayer, type SimdLayer, UNIT_SLIDING, WEIGHT_STATIONARY } from '../src/model/layers/layer.ts';
import type { Components } from '../src/model/machine/components.ts';
import { Dispatcher } from '../src/model/machine/dispatcher.ts';
import { Machine } from '../src/model/machine/machine.ts';
import type { TileSram } from '../src/model/machine/tileSram.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import type { Hardware } from '../src/model/schemas/hardware.ts';

/** What passes along a wire. */
export type Carried =
  /** Bits: from DRAM into an SRAM and back, from an SRAM into a unit and back. */
  | 'loads'
  | 'stores'
  | 'reads'
  | 'writes'
  /** Words: a tile to compute, a slot to hold, a transfer to make; and that it has ended. */
  | 'compute'
  | 'slots'
  | 'request'
  | 'ended';

/** A wire from one component to another, by their names in `Components`, or `saDispatcher` and `simdDispatcher`. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly carries: Carried;
}

/** All wires, and the slots of the SRAMs that have some. */
export interface Wiring {
  readonly wires: readonly Wire[];
  readonly slots: Readonly<Record<string, number>>;
  /** The components that schedule events. */
  readonly onQueue: readonly string[];
}

/** Three steps that add to one psum, so that it is stored and loaded again. */
function saLayer(hardware: Hardware): SaLayer {
  const { rows, columns } = hardware.array;
  const ones = { oc: columns, ic: rows, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 };
  return {
    unit: 'SA',
    name: 'conv',
    op: 'conv',
    sizes: { ...ones, ic: 3 * rows },
    tile: ones,
    groups: 1,
    ...UNIT_SLIDING,
    loopOrder: WEIGHT_STATIONARY,
    bits: hardware.bits,
  };
}

function simdLayer(hardware: Hardware): SimdLayer {
  const sizes = { c: hardware.array.columns, n: 1, h: 1, w: 1 };
  const { psum, weight, bias } = hardware.bits;
  const bits = { input: psum, output: psum, psum, weight, bias };
  return { unit: 'SIMD', name: 'relu', op: 'relu', sizes, tile: sizes, window: NO_WINDOW, bits };
}

/** The named objects that an object holds, directly or in objects without a name. */
function heldBy(holder: object, names: ReadonlyMap<unknown, string>): Set<string> {
  const held = new Set<string>();
  const seen = new Set<object>([holder]);
  const queue: object[] = [holder];
  for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
    const values: unknown[] = object instanceof Map ? [...object.values()] : Object.values(object);
    for (const value of values) {
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      const name = names.get(value);
      if (name === undefined) queue.push(value);
      else held.add(name);
    }
  }
  return held;
}

const QUEUE = 'queue';

/** The wiring of the machine of a hardware file. */
export function machineWiring(hardware: Hardware): Wiring {
  const machine = new Machine(hardware, { fastForward: false });
  machine.run(saLayer(hardware), HARDWARE);
  machine.run(simdLayer(hardware), HARDWARE);
  const { components } = machine;
  const parts = Object.entries(machine);
  const dispatchers = parts.filter((part): part is [string, Dispatcher<never>] => part[1] instanceof Dispatcher);
  const named: [string, object][] = [...dispatchers];
  for (const [name, part] of Object.entries(components)) if (part !== undefined) named.push([name, part as object]);
  const names = new Map<unknown, string>(named.map(([name, part]) => [part, name]));
  names.set(machine['queue'], QUEUE);
  names.set(machine['announcer'], 'announcer');

  const wires: Wire[] = [];
  const wire = (from: string, to: string, carries: Carried): void => {
    wires.push({ from, to, carries });
  };
  const isSram = (name: string): boolean => name in hardware.slots;
  const isInterface = (name: string): boolean => name.endsWith('Interface');
  const sram = (name: string): TileSram => components[name as keyof Components] as TileSram;

  for (const [name, dispatcher] of dispatchers) {
    const { unit, srams, imem } = dispatcher['wiring'];
    wire(name, names.get(unit)!, 'compute');
    for (const each of srams) wire(name, names.get(each)!, 'slots');
    if (imem !== undefined) wire(name, names.get(imem)!, 'request');
    for (const { operands, result } of dispatcher['runs']) {
      for (const stream of [...operands, result]) {
        const held = [...heldBy(stream, names)];
        for (const port of held.filter(isInterface)) {
          if (!wires.some(({ from, to }) => from === name && to === port)) wire(name, port, 'request');
          for (const buffer of held.filter(isSram)) {
            if (sram(buffer).loadedBits > 0) wire(port, buffer, 'loads');
            if (sram(buffer).storedBits > 0) wire(buffer, port, 'stores');
          }
        }
      }
    }
  }
  const isDispatcher = (name: string): boolean => dispatchers.some(([each]) => each === name);
  const onQueue: string[] = [];
  for (const [name, part] of named) {
    if (isDispatcher(name)) continue;
    const held = heldBy(part, names);
    if (held.has(QUEUE)) onQueue.push(name);
    for (const other of held) {
      if (isDispatcher(other)) wire(name, other, 'ended');
      else if (isSram(other)) {
        if (sram(other).readBits > 0) wire(other, name, 'reads');
        // The SIMD array takes fused tiles over from OBuf; what is written there is the PE array's.
        const takesOver = name === 'simdPipeline' && other === 'obuf';
        if (sram(other).writtenBits > 0 && !takesOver) wire(name, other, 'writes');
      } else if (other === 'imem') wire(other, name, 'reads');
      else if (other !== QUEUE) throw new Error(`nobody knows what passes from ${name} to ${other}`);
    }
  }
  return { wires, slots: hardware.slots, onQueue };
}
