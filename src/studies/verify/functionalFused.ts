/**
 * Carries real data through the SIMD side of a fused group while the machine runs it: tiles that the SA side has left in
 * OBuf's slots, other operands in VMem's, and the members' operations one after another on them.
 */
import type { FusedMember } from '../../model/fusion/groups.ts';
import type { SimdLayer, SimdSizes } from '../../model/layers/layer.ts';
import type { InterfaceName, MachineObserver, StepSlots, TileMove } from '../../model/machine/observer.ts';
import type { Operand, Part, Tensor as Place } from '../../model/operations/simdRow.ts';
import { simdParts } from '../../model/operations/simdTable.ts';
import type { FusedSchedule } from '../../model/schedule/fusedSchedule.ts';
import type { Region } from '../../model/schedule/region.ts';
import { type ConvTile, coveredSizes, tileOfStep } from '../../model/schedule/saTile.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import type { OnChip } from './onChip.ts';
import { executePart } from './simdInterpreter.ts';
import { elementsOf, type Tensor } from './tensor.ts';
import { clearIfChanged, Slot, type TileTransfers } from './tileTransfers.ts';

/** A step: a tile that is handed over, or the statistics behind the last one of an oc tile. */
interface FusedStep {
  readonly tile: ConvTile;
  readonly part: 0 | 1;
  readonly isFirstOfBlock: boolean;
}

export class FunctionalFused implements MachineObserver {
  private readonly schedule: FusedSchedule;
  private readonly dram: ReadonlyMap<string, Tensor>;
  private readonly chip: OnChip;
  private readonly transfers: TileTransfers;
  private readonly steps: readonly FusedStep[];
  private readonly vectors = new Map<string, Slot>();
  private slots: StepSlots = { result: 0, weight: 0, ifmap: 0, bias: 0, tile: -1 };
  private operands: readonly Slot[] = [];
  private versions: readonly number[] = [];

  /**
   * `dram`: the tensors that the group loads and stores, c × n × h × w, by their member and role; channels as the SA layer
   * has them, each of its groups padded by itself or, with full edge tiles, of whole tiles.
   */
  constructor(schedule: FusedSchedule, dram: ReadonlyMap<string, Tensor>, chip: OnChip) {
    this.schedule = schedule;
    this.dram = dram;
    this.chip = chip;
    this.transfers = chip.transfers;
    this.steps = stepsOf(schedule);
  }

  layerStarted(): void {}

  /** Throws an InternalError if the bits are not those of the tile's data. */
  transferRequested(name: InterfaceName, moves: readonly TileMove[]): void {
    const tiles = moves.map(({ tensor, direction, step, slot, bits }) => {
      const { layer, operand } = this.operandOf(tensor, direction, step);
      const region = this.regionOf(operand, step);
      const dataBits = elementsOf(region.sizes) * layer.bits[operand.width];
      if (bits !== dataBits)
        throw new InternalError(`${direction} of ${tensor} for step ${step}: ${bits} bits for data of ${dataBits}`);
      return { direction, tensor: this.dram.get(tensor)!, region, slot: this.slotOf(tensor, operand, slot) };
    });
    this.transfers.requested(name, tiles);
  }

  /** The slot is another step's now: what it held is gone. */
  slotGranted(_sram: 'obuf' | 'vmem', slot: number): void {
    const workingSet = this.chip.workingSets[slot]!;
    for (const old of workingSet.values()) old.clear();
    workingSet.clear();
  }

  transferStarted(name: InterfaceName): void {
    this.transfers.started(name);
  }

  transferEnded(name: InterfaceName): void {
    this.transfers.ended(name);
  }

  computeStarted(step: number, _cycle: number, slots: StepSlots): void {
    this.slots = slots;
    const { part } = this.steps[step]!;
    const loaded = this.members().flatMap((member) =>
      (partOf(member, part)?.loads ?? [])
        .filter(({ tensor }) => !isHere(member, tensor))
        .map((operand) => this.slotOf(`${member.layer.name}.${operand.tensor}`, operand, slots.result)),
    );
    this.operands = part === 0 ? [...loaded, this.chip.slots.psum[slots.tile]!] : loaded;
    this.versions = this.operands.map((slot) => slot.version);
  }

  computeEnded(step: number): void {
    clearIfChanged(this.operands, this.versions);
    const { part, isFirstOfBlock } = this.steps[step]!;
    const sizes = this.sizesOf(step);
    const handed = part === 0 ? inLanes(this.chip.slots.psum[this.slots.tile]!.data, sizes) : new Float64Array();
    const made = new Map<string, Float64Array>();
    for (const member of this.members()) {
      const { layer, handedOver, inside } = member;
      const own = partOf(member, part);
      if (own === undefined) continue;
      const results = new Map<string, Float64Array>();
      const isLast = member === this.members().at(-1);
      const dataOf = (place: Place): Float64Array => {
        const { tensor } = place;
        if (handedOver.has(tensor)) return handed;
        if (inside.has(tensor)) return made.get(layer.producers![tensor]![0]!)!;
        const name = `${layer.name}.${tensor}`;
        const isOutput = own.stores.some((store) => store.tensor === tensor);
        if (isOutput && !isLast) {
          if (!results.has(tensor)) results.set(tensor, new Float64Array(elementsOf(planeOf(sizes))));
          return results.get(tensor)!;
        }
        return this.slotOf(name, place, this.slots.result).data;
      };
      executePart({ layer, part: own, sizes, dataOf, isFirstOfBlock });
      for (const data of results.values()) made.set(layer.name, data);
      if (isLast) {
        for (const store of own.stores)
          this.slotOf(`${layer.name}.${store.tensor}`, store, this.slots.result).version++;
      }
    }
  }

  layerEnded(): void {}

  private members(): readonly FusedMember[] {
    return this.schedule.group.members;
  }

  private operandOf(
    name: string,
    direction: TileMove['direction'],
    step: number,
  ): { layer: SimdLayer; operand: Operand } {
    for (const member of this.members()) {
      const part = partOf(member, this.steps[step]!.part);
      const operands = direction === 'load' ? part?.loads : part?.stores;
      const operand = operands?.find(({ tensor }) => `${member.layer.name}.${tensor}` === name);
      if (operand !== undefined) return { layer: member.layer, operand };
    }
    throw new InternalError(`a fused group has no tensor ${name}`);
  }

  private sizesOf(step: number): SimdSizes {
    const { oc, n, oh, ow } = this.steps[step]!.tile.extents;
    return { c: oc, n, h: oh, w: ow };
  }

  private regionOf({ dims }: Operand, step: number): Region {
    const { tile } = this.steps[step]!;
    const { group, from } = tile;
    const { c, n, h, w } = this.sizesOf(step);
    const { layer, edgesAreFull } = this.schedule.sa;
    const channel = group * coveredSizes(layer, edgesAreFull).oc + from.oc;
    if (!dims.includes('n')) return { from: [channel, 0, 0, 0], sizes: [c, 1, 1, 1] };
    return { from: [channel, from.n, from.oh, from.ow], sizes: [c, n, h, w] };
  }

  /** Vectors lie beside the working sets. */
  private slotOf(name: string, { dims }: Place, workingSet: number): Slot {
    const { oc, n, oh, ow } = this.schedule.sa.layer.tile;
    const isVector = !dims.includes('n');
    const slots = isVector ? this.vectors : this.chip.workingSets[workingSet]!;
    const known = slots.get(name) ?? new Slot(isVector ? oc : oc * n * oh * ow);
    slots.set(name, known);
    return known;
  }
}

function partOf({ layer }: FusedMember, part: number): Part | undefined {
  return simdParts(layer)[part];
}

function isHere({ handedOver, inside }: FusedMember, tensor: string): boolean {
  return handedOver.has(tensor) || inside.has(tensor);
}

function planeOf({ c, n, h, w }: SimdSizes): [number, number, number, number] {
  return [c, n, h, w];
}

/** A tile as the SIMD array sees it, channels outermost, of one as the PE array leaves it, images outermost. */
function inLanes(data: Float64Array, { c, n, h, w }: SimdSizes): Float64Array {
  const plane = h * w;
  return Float64Array.from({ length: c * n * plane }, (_, place) => {
    const channel = Math.floor(place / (n * plane));
    const image = Math.floor(place / plane) % n;
    return data[(image * c + channel) * plane + (place % plane)]!;
  });
}

/** The steps from the SA layer's own, one by one: what completes its sums is handed over. */
function stepsOf({ sa, hasChannelSteps }: FusedSchedule): FusedStep[] {
  const covered = coveredSizes(sa.layer, sa.edgesAreFull);
  const steps: FusedStep[] = [];
  const walk = sa.walk();
  let before: ConvTile | undefined;
  const isSameBlock = (a: ConvTile, b: ConvTile): boolean => a.group === b.group && a.from.oc === b.from.oc;
  for (let step = 0; step < sa.steps; step++) {
    const isComplete = walk.step.stores[0]!.operand.booked === 'ofmap';
    const endsVisit = walk.advance() <= sa.psum.position;
    if (!isComplete || !endsVisit) continue;
    const tile = tileOfStep(sa.layer, covered, step);
    const isFirst = before === undefined || !isSameBlock(before, tile);
    if (hasChannelSteps && before !== undefined && isFirst) steps.push({ tile: before, part: 1, isFirstOfBlock: true });
    steps.push({ tile, part: 0, isFirstOfBlock: isFirst });
    before = tile;
  }
  if (hasChannelSteps && before !== undefined) steps.push({ tile: before, part: 1, isFirstOfBlock: true });
  return steps;
}
