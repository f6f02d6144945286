/** Fused groups on the machine beside the plain count from the pages (support/plainGroup.ts): random ones, and networks'. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aloneOf, fuse } from '../../src/model/fusion/fuse.ts';
import { type FusedGroup, type FusedMember, fusedGroups, nameOfGroup } from '../../src/model/fusion/groups.ts';
import { NO_WINDOW, type SaLayer, type SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { type Case, saCases, sample } from '../support/arbitraries.ts';
import { complete } from '../support/complete.ts';
import { countGroup, type PlainCount } from '../support/plainGroup.ts';
import { type PlainOperation, plainGroups } from '../support/plainGrouping.ts';
import { plainOf } from '../support/plainOfGroup.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

const isVerify = process.env['SYSTOLE_VERIFY'] === '1';

type Op = SimdLayer['op'];
const FUNCTIONS: readonly Op[] = ['relu', 'clip', 'leaky-relu'];
const OF_TWO: readonly Op[] = ['tensor-add', 'tensor-sub', 'tensor-mul'];

/** A SIMD layer behind the sum. */
interface DrawnMember {
  readonly op: Op;
  /** Of an operation of two tensors: the second comes from DRAM, is the first again, or is the sum. */
  readonly second: 'loaded' | 'same' | 'sum';
}

interface Drawn {
  readonly on: Case<SaLayer>;
  readonly members: readonly DrawnMember[];
  readonly end: 'element-wise' | 'statistics' | 'update';
  readonly isSumStored: boolean;
  readonly outputBits: number;
}

const members: fc.Arbitrary<DrawnMember> = fc.record({
  op: fc.constantFrom(...FUNCTIONS, ...OF_TWO),
  second: fc.constantFrom('loaded', 'loaded', 'same', 'sum'),
});

const drawnGroups: fc.Arbitrary<Drawn> = fc.record({
  on: fc.oneof(saCases({ randomSlots: true }), saCases({ randomSlots: true, randomOrder: true })),
  members: fc.array(members, { minLength: 1, maxLength: 3 }),
  end: fc.constantFrom('element-wise', 'element-wise', 'statistics', 'update'),
  isSumStored: fc.boolean(),
  outputBits: fc.integer({ min: 1, max: 32 }),
});

/** Latencies as the pages have them where rows do not speak of them. */
function withPagesLatencies(hardware: Hardware): Hardware {
  const one = { add: 1, sub: 1, mul: 1, max: 1, min: 1, mac: 1, condMove: 1 };
  return { ...hardware, aluCycles: { ...hardware.aluCycles, ...one } };
}

/** Statistics run over the tiles of one oc tile after the other: no loop over positions may lie outside of oc. */
function isChannelByChannel({ loopOrder }: SaLayer): boolean {
  return (['n', 'oh', 'ow'] as const).every((loop) => loopOrder.indexOf(loop) > loopOrder.indexOf('oc'));
}

function groupOf({ on: { hardware, layer: sa }, members: drawn, end, isSumStored, outputBits }: Drawn): FusedGroup {
  const { psum, weight, bias } = hardware.bits;
  const fused: FusedMember[] = [];
  /** Adds a layer that reads what is made before it as `own`, and the sum as `sums`. */
  const add = (op: Op, own: readonly string[], sums: readonly string[] = []): void => {
    const isFirst = fused.length === 0;
    const before = isFirst ? 'sa' : `m${fused.length - 1}`;
    const sizes = { c: sa.sizes.oc, n: sa.sizes.n, h: sa.sizes.oh, w: sa.sizes.ow };
    const layer: SimdLayer = {
      ...{ unit: 'SIMD', name: `m${fused.length}`, op, sizes, tile: sizes, window: NO_WINDOW },
      bits: { input: psum, output: psum, psum, weight, bias },
      producers: Object.fromEntries(own.map((role) => [role, [before]])),
    };
    fused.push({
      layer,
      handedOver: new Set([...(isFirst ? own : []), ...sums]),
      inside: new Set(isFirst ? [] : own),
    });
  };
  if (end === 'update') add('sgd-4d', ['dP']);
  else {
    for (const { op, second } of drawn) {
      if (FUNCTIONS.includes(op)) add(op, ['X']);
      else if (second === 'same') add(op, ['X1', 'X2']);
      else add(op, ['X1'], second === 'sum' && fused.length > 0 ? ['X2'] : []);
    }
    if (end === 'statistics' && isChannelByChannel(sa)) add('bn-statistics', ['X']);
  }
  const last = fused.at(-1)!;
  const ends = { ...last, layer: { ...last.layer, bits: { ...last.layer.bits, output: outputBits } } };
  return { first: 0, last: fused.length, sa, members: [...fused.slice(0, -1), ends], isSumStored };
}

function onMachine(machine: Machine, group: FusedGroup): PlainCount {
  const layers = [group.sa, ...group.members.map(({ layer }) => layer)];
  const result = complete(machine.runGroup(layers, aloneOf(group), HARDWARE));
  const [{ totalCycles, units }] = result.groups as [(typeof result.groups)[number]];
  const [sa, ...simd] = result.layers;
  const sum = (figure: 'ifmap' | 'ofmap'): number => simd.reduce((bits, { dramBits }) => bits + dramBits[figure], 0);
  const { vmemStore, obufTile, vmemLoad } = units.SIMD.waiting;
  const { weight, bias, ifmap, psum, ofmap } = sa!.dramBits;
  return {
    totalCycles,
    saBusyCycles: units.SA.busyCycles,
    simdBusyCycles: units.SIMD.busyCycles,
    simdWaiting: { vmemStore, obufTile, vmemLoad },
    dramBits: { weight, bias, ifmap, psum, ofmap, vmemLoad: sum('ifmap'), vmemStore: sum('ofmap') },
    saSteps: sa!.tiles,
    simdSteps: simd[0]!.tiles,
  };
}

describe('a fused group on the machine', () => {
  it('takes what the pages say, counted step by step', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(drawnGroups, (drawn) => {
        const hardware = withPagesLatencies(drawn.on.hardware);
        const group = groupOf(drawn);
        const plain = plainOf(group, hardware);
        const expected = countGroup(plain);
        expect(onMachine(new Machine(hardware), group)).toEqual(expected);
        for (const [cause, cycles] of Object.entries(expected.simdWaiting)) if (cycles > 0) seen.add(cause);
        if (plain.statistics !== undefined) seen.add('statistics');
        if (plain.isSumStored) seen.add('sum stored');
      }),
      sample(isVerify ? 1000 : 250),
    );
    expect([...seen].sort()).toEqual(['obufTile', 'statistics', 'sum stored', 'vmemLoad', 'vmemStore']);
  });
});

const NETWORKS = ['resnet18', 'resnet50', 'alexnet', 'densenet121', 'mobilenet_v2', 'vit_b_16'];

describe.each(isVerify ? NETWORKS : ['resnet50'])('the fused groups of %s', (network) => {
  // The plain count takes its time: not where hundreds of thousands of tiles are counted one by one.
  const points = isVerify && network !== 'vit_b_16' ? (['HI1', 'HI3', 'HT3'] as const) : (['HI3'] as const);

  it.each(points)('are those of the page, and take what it says, on %s', (name) => {
    const hardware = hardwarePreset(name);
    const graph = graphPreset(network);
    const isTraining = name.startsWith('HT');
    const program = isTraining ? trainingProgram(graph, 32, 'exact') : inferenceProgram(graph, 1);
    const layers = tileProgram(program, hardware);
    const machine = new Machine(hardware);
    for (const fusion of ['pairs', 'chains'] as const) {
      const operations = program.operations as readonly PlainOperation[];
      const expected = plainGroups(operations, fusion).map((names) => names.join(' + '));
      expect(fusedGroups(layers, fusion).map(nameOfGroup)).toEqual(expected);
      for (const group of fuse(layers, hardware, fusion).groups) {
        if (group.members.some(({ layer }) => layer.op === 'gelu')) continue;
        expect([nameOfGroup(group), onMachine(machine, group)]).toEqual([
          nameOfGroup(group),
          countGroup(plainOf(group, hardware)),
        ]);
      }
    }
  });
});
