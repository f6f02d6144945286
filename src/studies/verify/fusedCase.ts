/**
 * Random fused groups with real data: a conv or gemm of any kind, those of training among them, and behind it element-wise
 * operations, the update of a parameter, or batch-norm statistics. What others read too is compared as well.
 */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../model/engine/random.ts';
import {
  completesChannelByChannel,
  type FusedGroup,
  type FusedMember,
  isElementwise,
} from '../../model/fusion/groups.ts';
import { NO_WINDOW, type SaLayer, type SimdLayer, type SimdSizes } from '../../model/layers/layer.ts';
import type { InterfaceName, MachineObserver } from '../../model/machine/observer.ts';
import type { Operand } from '../../model/operations/simdRow.ts';
import { SIMD_OPS, type SimdOp, simdOperation } from '../../model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../model/schedule/assumptions.ts';
import { FusedSchedule } from '../../model/schedule/fusedSchedule.ts';
import type { Four } from '../../model/schedule/region.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import { coveredSizes } from '../../model/schedule/saTile.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { DrawnCase } from './drawnCase.ts';
import { FunctionalFused } from './functionalFused.ts';
import { FunctionalSa } from './functionalSa.ts';
import { OnChip } from './onChip.ts';
import { randomDram, randomHardware, randomTensor } from './randomParameters.ts';
import { type DrawnConv, drawConv, ofmapDifference, SA_OPERATIONS, saTensors } from './saCase.ts';
import { needsSmall } from './simdCase.ts';
import { computeChannel } from './simdReference.ts';
import { at, enlargedGroups, filled, firstDifference, placeOf, type Tensor, tensorOf, withoutGaps } from './tensor.ts';

/** Sums in another order, and rounded constants. */
const TOLERANCE = 1e-9;
const MOST_MEMBERS = 4;
/** Axis of the channels: SIMD tensors are c × n × h × w. */
const CHANNELS = 0;

const UPDATES: readonly SimdOp[] = ['sgd-2d', 'sgd-4d'];
const STATISTICS = 'bn-statistics';
/** All that a chain may hold, but powers and quotients of sums, which may be too large or zero. */
const IN_CHAINS = SIMD_OPS.filter((op) => isElementwise(op) && !op.startsWith('sgd') && !needsSmall(simdOperation(op)));
const KINDS = ['chain', 'chain', 'update', 'statistics'] as const;

/** A member with the data of what it loads, by role, before channels are padded. */
interface DrawnMember {
  readonly member: FusedMember;
  readonly loaded: ReadonlyMap<string, Tensor>;
}

/** One random fused group. */
export function drawFusedCase(random: seedrandom.PRNG): DrawnCase {
  const hardware = randomHardware(random);
  const kind = choose(random, KINDS);
  const conv = drawConv(
    random,
    kind === 'update' ? choose(random, ['conv dW', 'gemm dW']) : choose(random, SA_OPERATIONS),
    hardware,
  );
  const members: DrawnMember[] = [];
  for (const op of drawOps(random, kind, conv.layer)) {
    const before = members.map(({ member }) => member);
    members.push(drawMember(random, op, before, conv, hardware));
  }
  const last = members.at(-1)!.member.layer;
  const isStatistics = last.op === STATISTICS;
  const group: FusedGroup = {
    ...{ first: 0, last: members.length, sa: conv.layer, members: members.map(({ member }) => member) },
    isSumStored: random() < 0.5,
  };
  const assumptions: Assumptions = {
    ...HARDWARE,
    reloadOperands: random() < 0.5,
    // What only fills a tile would count in its statistics.
    fullEdgeTiles: !isStatistics && random() < 0.25,
  };
  return {
    ...{ hardware, dram: randomDram(random), assumptions },
    operation:
      isStatistics || kind === 'update' ? `${conv.layer.op} + ${last.op}` : `${conv.layer.op} + ${members.length} more`,
    layer: conv.layer,
    group,
    setUp: (under) => setUp(conv, group, members, hardware, under),
  };
}

function drawOps(random: seedrandom.PRNG, kind: (typeof KINDS)[number], layer: SaLayer): SimdOp[] {
  if (kind === 'update') return [choose(random, UPDATES)];
  const isStatistics = kind === 'statistics' && completesChannelByChannel(layer);
  const length = integer(random, isStatistics ? 0 : 1, MOST_MEMBERS - 1);
  const chain = Array.from({ length }, () => choose(random, IN_CHAINS));
  return isStatistics ? [...chain, STATISTICS] : chain;
}

/** A member that reads what is made before it in one of its tensors, or in all; the sum perhaps in another. */
function drawMember(
  random: seedrandom.PRNG,
  op: SimdOp,
  before: readonly FusedMember[],
  { layer: sa, operands }: DrawnConv,
  hardware: Hardware,
): DrawnMember {
  const { psum, weight, bias } = hardware.bits;
  const sizes: SimdSizes = { c: sa.groups * sa.sizes.oc, n: sa.sizes.n, h: sa.sizes.oh, w: sa.sizes.ow };
  const maker = before.at(-1)?.layer.name ?? sa.name;
  const roles = simdOperation(op).parts[0]!.loads.map(({ tensor }) => tensor);
  const readsAll = UPDATES.includes(op) ? false : random() < 0.25;
  const main = UPDATES.includes(op) ? 'dP' : choose(random, roles);
  const own = roles.filter((role) => readsAll || role === main);
  const sums = before.length > 0 && random() < 0.25 ? roles.filter((role) => !own.includes(role)) : [];
  const layer: SimdLayer = {
    ...{ unit: 'SIMD', name: `member ${before.length}`, op, sizes, tile: sizes, window: NO_WINDOW },
    bits: { input: integer(random, 1, 32), output: integer(random, 1, 32), psum, weight, bias },
    producers: Object.fromEntries(own.map((role) => [role, [maker]])),
  };
  const isFirst = before.length === 0;
  const member = { layer, handedOver: new Set(isFirst ? own : sums), inside: new Set(isFirst ? [] : own) };
  const shape = inChannels(operands.expected).sizes;
  const fetched = roles.filter((role) => !own.includes(role) && !sums.includes(role));
  return { member, loaded: new Map(fetched.map((role) => [role, randomTensor(random, shape)] as const)) };
}

/** A tensor n × c × h × w as c × n × h × w. */
function inChannels(tensor: Tensor): Tensor {
  const [n, c, h, w] = tensor.sizes;
  return tensorOf([c, n, h, w], (channel, image, row, column) => at(tensor, image, channel, row, column));
}

/** What the group leaves in DRAM, by the definitions of its operations one after another. */
function expectedOf({ operands }: DrawnConv, members: readonly DrawnMember[]): Map<string, Tensor> {
  const sum = inChannels(operands.expected);
  let made = sum;
  let results = new Map<string, Tensor>();
  for (const { member, loaded } of members) {
    const { layer, handedOver, inside } = member;
    const before = made;
    const [c, n, h, w] = sum.sizes;
    const operandOf = (role: string): Tensor =>
      handedOver.has(role) ? sum : inside.has(role) ? before : loaded.get(role)!;
    results = new Map(
      storesOf(layer.op).map(({ tensor, dims }) => [tensor, filled(dims.includes('n') ? sum.sizes : [c, 1, 1, 1], 0)]),
    );
    const sizes = { c, n, h, w };
    for (let channel = 0; channel < c; channel++) {
      const put = (name: string, image: number, row: number, column: number, value: number): void => {
        const result = results.get(name)!;
        result.data[placeOf(result.sizes, channel, image, row, column)] = value;
      };
      computeChannel(
        { ...layer, sizes, tile: sizes },
        { element: (name, image, row, column) => at(operandOf(name), channel, image, row, column), put, add: put },
      );
    }
    made = [...results.values()][0]!;
  }
  return results;
}

function storesOf(op: SimdOp): Operand[] {
  return simdOperation(op).parts.flatMap(({ stores }) => stores);
}

/** DRAM, the chip that both sides share, and the comparison of all that the group stores. */
function setUp(
  conv: DrawnConv,
  group: FusedGroup,
  members: readonly DrawnMember[],
  hardware: Hardware,
  assumptions: Assumptions,
) {
  const { layer: sa } = conv;
  const { groups } = sa;
  const tensors = saTensors(conv, assumptions.fullEdgeTiles);
  const covered = coveredSizes(sa, assumptions.fullEdgeTiles);
  const plane: Four = [groups * covered.oc, covered.n, covered.oh, covered.ow];
  const dram = new Map<string, Tensor>();
  for (const { member, loaded } of members) {
    for (const [role, tensor] of loaded) {
      dram.set(`${member.layer.name}.${role}`, enlargedGroups(tensor, plane, CHANNELS, groups));
    }
  }
  const last = group.members.at(-1)!.layer;
  for (const { tensor, dims } of storesOf(last.op)) {
    const name = `${last.name}.${tensor}`;
    // A parameter is updated where it lies.
    if (!dram.has(name)) dram.set(name, filled(dims.includes('n') ? plane : [plane[0], 1, 1, 1], Number.NaN));
  }
  const chip = new OnChip(hardware, [sa]);
  const schedule = new FusedSchedule(group, new SaSchedule(sa, hardware, assumptions), hardware);
  const observer = bothSides(
    new FunctionalSa(sa, hardware, assumptions.fullEdgeTiles, tensors, chip),
    new FunctionalFused(schedule, dram, chip),
  );
  const expected = expectedOf(conv, members);
  const difference = (): string | undefined => {
    for (const [tensor, wanted] of expected) {
      const found = withoutGaps(dram.get(`${last.name}.${tensor}`)!, wanted.sizes, CHANNELS, groups);
      const wrong = firstDifference(found, wanted, TOLERANCE);
      if (wrong !== undefined) return `${tensor}${wrong}`;
    }
    return group.isSumStored ? ofmapDifference(conv, tensors) : undefined;
  };
  return { observer, difference };
}

/** Each side sees what is its own: VMem's interface and slots belong to the SIMD side. */
function bothSides(sa: FunctionalSa, simd: FunctionalFused): MachineObserver {
  const onInterface = (name: InterfaceName): FunctionalSa | FunctionalFused => (name === 'vmem' ? simd : sa);
  const at = (place: number): FunctionalSa | FunctionalFused => (place === 0 ? sa : simd);
  return {
    layerStarted: () => {},
    transferRequested: (name, moves) => onInterface(name).transferRequested(name, moves),
    transferStarted: (name) => onInterface(name).transferStarted(name),
    transferEnded: (name) => onInterface(name).transferEnded(name),
    slotGranted: (sram, slot) => {
      if (sram === 'vmem') simd.slotGranted(sram, slot);
    },
    computeStarted: (step, cycle, slots, place) => at(place).computeStarted(step, cycle, slots),
    computeEnded: (step, _cycle, place) => at(place).computeEnded(step),
    layerEnded: () => {},
  };
}
