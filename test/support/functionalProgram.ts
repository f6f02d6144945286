/**
 * Carries real data through a whole program while the machine runs it, layers that overlap included. All tensors lie in
 * one DRAM under their names: what a layer stores is seen at once by every layer that loads it, finished or not.
 */

import type { FusedGroup } from '../../src/model/fusion/groups.ts';
import { ifmapPlane, type Layer, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import type { InterfaceName, MachineObserver, StepSlots, TileMove } from '../../src/model/machine/observer.ts';
import { tensorShape } from '../../src/model/operations/simdRow.ts';
import { simdOperation } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { FusedSchedule } from '../../src/model/schedule/fusedSchedule.ts';
import { SaSchedule } from '../../src/model/schedule/saSchedule.ts';
import { saShapes } from '../../src/model/schedule/saTile.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { Operation, Program, SaOperation, SimdOperationStep } from '../../src/model/workload/program.ts';
import { FunctionalFused } from '../../src/studies/verify/functionalFused.ts';
import { FunctionalSa, type SaTensors } from '../../src/studies/verify/functionalSa.ts';
import { FunctionalSimd } from '../../src/studies/verify/functionalSimd.ts';
import { OnChip } from '../../src/studies/verify/onChip.ts';
import {
  at,
  filled,
  type Tensor as LaidOut,
  tensorOf as laidOutOf,
  withoutGaps,
} from '../../src/studies/verify/tensor.ts';
import { arrayOperands, asComputed, executeFree, type Memory, storedOfmap } from './execute.ts';
import { read, type Tensor, tensorOf, zeros } from './tensor.ts';

/** A layer with its own view of its tensors in DRAM. */
interface Staged {
  readonly observer: FunctionalSa | FunctionalSimd | FunctionalFused;
  /** The names of what it reads and writes. */
  readonly reads: ReadonlySet<string>;
  readonly writes: readonly string[];
  /** Takes what it reads from the tensors by name. */
  readonly take: () => void;
  /** Gives what it has stored so far to the tensors by name. */
  readonly give: () => void;
}

/** Whose a transfer is, and whether it stores. */
interface Owned {
  readonly place: number;
  readonly isStore: boolean;
}
type Owners = Record<InterfaceName, Owned[]>;

const noOwners = (): Owners => ({ weight: [], ifmap: [], psum: [], vmem: [] });

export class FunctionalProgram implements MachineObserver {
  /** Tensors by name: those that are given, and NaN where nothing is stored yet. */
  readonly memory: Memory;
  private readonly program: Program;
  private readonly staged: readonly Staged[];
  private readonly cotangents: Memory;
  private readonly requested = noOwners();
  private readonly travelling = noOwners();

  /** `results`: all tensors in their shapes; those that the machine does not compute are taken from there. */
  constructor(
    program: Program,
    layers: readonly Layer[],
    hardware: Hardware,
    initial: Memory,
    cotangents: Memory,
    results: Memory,
    groups: readonly FusedGroup[] = [],
    assumptions: Assumptions = HARDWARE,
  ) {
    this.program = program;
    this.cotangents = cotangents;
    this.memory = new Map(initial);
    for (const [name, tensor] of results) {
      if (!this.memory.has(name))
        this.memory.set(name, { ...tensor, data: new Float64Array(tensor.data.length).fill(Number.NaN) });
    }
    for (const tensor of byproducts(program)) this.memory.set(tensor, results.get(tensor)!);
    const chip = new OnChip(hardware, layers);
    const operations = program.operations.filter((operation) => operation.unit !== 'free');
    this.staged = layers.map((layer, place) => {
      const operation = operations[place]!;
      const group = groups.find(({ first, last }) => first < place && place <= last);
      if (group !== undefined) {
        if (place < group.last) return NOTHING;
        const own = operations.slice(group.first, group.last + 1);
        const schedule = new FusedSchedule(group, new SaSchedule(group.sa, hardware, assumptions), hardware);
        return stagedFused(schedule, own, this.memory, program.batch, chip);
      }
      return layer.unit === 'SA'
        ? stagedSa(layer, operation as SaOperation, hardware, this.memory, program.batch, chip)
        : stagedSimd(layer, operation as SimdOperationStep, hardware, this.memory, chip);
    });
    this.stage(new Set(this.memory.keys()));
  }

  layerStarted(): void {}

  transferRequested(name: InterfaceName, moves: readonly TileMove[]): void {
    const { layer: place, direction } = moves[0]!;
    this.requested[name].push({ place, isStore: direction === 'store' });
    this.staged[place]!.observer.transferRequested(name, moves);
  }

  slotGranted(sram: 'obuf' | 'vmem', slot: number, _step: number, _cycle: number, place: number): void {
    const { observer } = this.staged[place]!;
    if (!(observer instanceof FunctionalSa)) observer.slotGranted(sram, slot);
  }

  transferStarted(name: InterfaceName): void {
    const owner = this.requested[name].shift()!;
    this.travelling[name].push(owner);
    this.staged[owner.place]!.observer.transferStarted(name);
  }

  transferEnded(name: InterfaceName): void {
    const { place, isStore } = this.travelling[name].shift()!;
    const { observer, give, writes } = this.staged[place]!;
    observer.transferEnded(name);
    if (!isStore) return;
    give();
    this.stage(new Set(writes));
  }

  computeStarted(step: number, cycle: number, slots: StepSlots, place: number): void {
    this.staged[place]!.observer.computeStarted(step, cycle, slots);
  }

  computeEnded(step: number, _cycle: number, place: number): void {
    this.staged[place]!.observer.computeEnded(step);
  }

  layerEnded(): void {}

  /** What has changed in DRAM reaches every layer, through the operations that cost nothing. */
  private stage(changed: Set<string>): void {
    const { operations, batch } = this.program;
    for (const operation of operations) {
      if (operation.unit !== 'free' || !Object.values(operation.reads).some((name) => changed.has(name))) continue;
      for (const [name, tensor] of executeFree(operation, this.memory, batch, this.cotangents)) {
        this.memory.set(name, tensor);
        changed.add(name);
      }
    }
    for (const { take, reads } of this.staged) if ([...changed].some((name) => reads.has(name))) take();
  }
}

/** Tensors that the table's operations do not store: a max pool's index. */
function byproducts({ operations }: Program): string[] {
  return operations.flatMap((operation: Operation) => {
    if (operation.unit !== 'SIMD') return [];
    const stored = new Set(
      simdOperation(operation.op).parts.flatMap(({ stores }) => stores.map(({ tensor }) => tensor)),
    );
    return Object.entries(operation.writes).flatMap(([role, name]) => (stored.has(role) ? [] : [name]));
  });
}

function namesOf({ reads, writes }: Operation): Pick<Staged, 'reads' | 'writes'> {
  return { reads: new Set(Object.values<string>(reads)), writes: Object.values<string>(writes) };
}

function stagedSa(
  layer: SaLayer,
  operation: SaOperation,
  hardware: Hardware,
  memory: Memory,
  batch: number,
  chip: OnChip,
): Staged {
  const { groups, sizes } = layer;
  const own = operation.sizes;
  const shapes = saShapes(sizes, layer, groups);
  const tensors: SaTensors = {
    weight: filled(shapes.weight, 0),
    ifmap: filled(shapes.ifmap, 0),
    bias: filled(shapes.bias, 0),
    psum: filled(shapes.psum, Number.NaN),
  };
  const plane = ifmapPlane(sizes, layer);
  /** Its place among the channels of all groups before padding; undefined for a padded one. */
  const channelOf = (padded: number, ofGroup: number, before: number): number | undefined =>
    padded % ofGroup < before ? Math.floor(padded / ofGroup) * before + (padded % ofGroup) : undefined;
  const take = (): void => {
    const { ifmap, weight, bias } = arrayOperands(operation, memory);
    const weightAt = (o: number, i: number, y: number, x: number): number =>
      operation.op === 'gemm' ? weight.data[i * groups * own.oc + o]! : read(weight, o, y, x, i);
    put(tensors.weight, (o, i, y, x) => {
      const channel = channelOf(o, sizes.oc, own.oc);
      return channel === undefined || i >= own.ic ? 0 : weightAt(channel, i, y, x);
    });
    put(tensors.bias, (o) => {
      const channel = channelOf(o, sizes.oc, own.oc);
      return channel === undefined ? 0 : bias.data[channel]!;
    });
    put(tensors.ifmap, (n, i, y, x) => {
      const channel = channelOf(i, sizes.ic, own.ic);
      const [row, column] = [y - operation.padding.h, x - operation.padding.w];
      return channel === undefined || y >= plane.h ? 0 : read(ifmap, n, row, column, channel);
    });
  };
  const give = (): void => {
    const { n, oh, ow } = own;
    const channels = groups * own.oc;
    const ofmap = withoutGaps(tensors.psum, [n, channels, oh, ow], 1, groups);
    const inImages = tensorOf({ n, h: oh, w: ow, c: channels }, (image, y, x, channel) =>
      at(ofmap, image, channel, y, x),
    );
    memory.set(operation.writes.ofmap, storedOfmap(operation, inImages, batch));
  };
  return { observer: new FunctionalSa(layer, hardware, false, tensors, chip), ...namesOf(operation), take, give };
}

/** Between a group's first and its last layer nothing runs by itself. */
const NOTHING: Staged = {
  observer: undefined as unknown as FunctionalSa,
  reads: new Set(),
  writes: [],
  take: () => {},
  give: () => {},
};

/** The SIMD side of a fused group: `operations` are its layers', the SA layer's first. */
function stagedFused(
  schedule: FusedSchedule,
  operations: readonly Operation[],
  memory: Memory,
  batch: number,
  chip: OnChip,
): Staged {
  const sa = operations[0] as SaOperation;
  const own = sa.sizes;
  const { groups, sizes } = schedule.sa.layer;
  const tensors = new Map<string, LaidOut>();
  const takes: (() => void)[] = [];
  const gives: (() => void)[] = [];
  const reads = new Set<string>();
  const writes: string[] = [];
  const channelOf = (padded: number): number | undefined =>
    padded % sizes.oc < own.oc ? Math.floor(padded / sizes.oc) * own.oc + (padded % sizes.oc) : undefined;
  for (const [place, { layer, handedOver, inside }] of schedule.group.members.entries()) {
    const operation = operations[place + 1] as SimdOperationStep;
    const isLast = place === schedule.group.members.length - 1;
    const operands = simdOperation(layer.op).parts.flatMap(({ loads, stores }) => [...loads, ...stores]);
    for (const { tensor, dims } of operands) {
      const isVector = !dims.includes('n');
      const shape = isVector ? [groups * sizes.oc, 1, 1, 1] : [groups * sizes.oc, own.n, own.oh, own.ow];
      tensors.set(`${layer.name}.${tensor}`, filled(shape as [number, number, number, number], Number.NaN));
    }
    for (const [role, name] of Object.entries(operation.reads)) {
      if (handedOver.has(role) || inside.has(role)) continue;
      reads.add(name);
      takes.push(() => {
        const given = asComputed(sa, memory.get(name)!);
        put(tensors.get(`${layer.name}.${role}`)!, (c, n, y, x) => {
          const channel = channelOf(c);
          return channel === undefined ? 0 : read(given, n, y, x, channel);
        });
      });
    }
    if (!isLast) continue;
    for (const [role, name] of Object.entries(operation.writes)) {
      const stored = tensors.get(`${layer.name}.${role}`);
      if (stored === undefined) continue;
      writes.push(name);
      gives.push(() => {
        const wanted = memory.get(name)!;
        const isVector = stored.sizes[1] * stored.sizes[2] * stored.sizes[3] === 1 && layer.op === 'bn-statistics';
        const shape = isVector
          ? { n: 1, h: 1, w: 1, c: groups * own.oc }
          : { n: own.n, h: own.oh, w: own.ow, c: groups * own.oc };
        const places = Array.from({ length: groups * sizes.oc }, (_, c) => c).filter((c) => channelOf(c) !== undefined);
        const computed = tensorOf(shape, (n, y, x, c) => at(stored, places[c]!, n, y, x));
        memory.set(name, isVector ? { ...wanted, data: computed.data } : storedOfmap(sa, computed, batch));
      });
    }
  }
  return {
    observer: new FunctionalFused(schedule, tensors, chip),
    reads,
    writes,
    take: () => {
      for (const take of takes) take();
    },
    give: () => {
      for (const give of gives) give();
    },
  };
}

function stagedSimd(
  layer: SimdLayer,
  operation: SimdOperationStep,
  hardware: Hardware,
  memory: Memory,
  chip: OnChip,
): Staged {
  const { parts } = simdOperation(layer.op);
  const operands = new Map(
    parts.flatMap(({ loads, stores }) => [...loads, ...stores]).map((each) => [each.tensor, each]),
  );
  const tensors = new Map<string, LaidOut>();
  for (const [role, operand] of operands) {
    const shape = tensorShape(operand, layer.sizes, layer.window);
    tensors.set(role, filled(shape, operand.adds === true ? 0 : Number.NaN));
  }
  const before = operation.pool?.padding ?? { h: 0, w: 0 };
  const borderOf = (role: string) => (operands.get(role)!.dims.includes('kh') ? before : { h: 0, w: 0 });
  const take = (): void => {
    for (const [role, name] of Object.entries(operation.reads)) {
      const given = memory.get(name)!;
      const border = borderOf(role);
      // A cell of the border is zero in an average and never the largest.
      const outside = layer.op === 'max-pool' ? Number.NEGATIVE_INFINITY : 0;
      put(tensors.get(role)!, (c, n, y, x) =>
        c >= given.c ? 0 : read(given, n, y - border.h, x - border.w, c, outside),
      );
    }
  };
  const give = (): void => {
    for (const [role, name] of Object.entries(operation.writes)) {
      const stored = tensors.get(role);
      if (stored === undefined) continue;
      const border = borderOf(role);
      memory.set(
        name,
        tensorOf(zeros(memory.get(name)!), (n, y, x, c) => at(stored, c, n, y + border.h, x + border.w)),
      );
    }
  };
  return { observer: new FunctionalSimd(layer, hardware, false, tensors, chip), ...namesOf(operation), take, give };
}

/** Gives every element of a tensor its value, in place. */
function put(tensor: LaidOut, valueAt: (a: number, b: number, c: number, d: number) => number): void {
  tensor.data.set(laidOutOf(tensor.sizes, valueAt).data);
}

/** The first element of a tensor that is not what it should be, in words. */
export function difference(name: string, found: Tensor, wanted: Tensor, tolerance: number): string | undefined {
  const place = wanted.data.findIndex((value, index) => {
    const off = Math.abs(found.data[index]! - value);
    return !(off <= tolerance * Math.max(1, Math.abs(value)));
  });
  return place < 0 ? undefined : `${name}[${place}] is ${found.data[place]}, not ${wanted.data[place]}`;
}
