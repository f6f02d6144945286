/** Fast-forward of fused groups gives the same as stepping both sides tile by tile, figure by figure, and steps few. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aloneOf, fuse } from '../../src/model/fusion/fuse.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { ProgramResult } from '../../src/model/machine/programRun.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import { assumptionSets, isDefined } from '../support/arbitraries.ts';
import { complete } from '../support/complete.ts';
import { type GroupCase, groupCases, layersOfGroup, tinyGroup } from '../support/fusedGroups.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const GROUPS = process.env['SYSTOLE_VERIFY'] === '1' ? 10_000 : 150;

/** Everything that a run says but how many of its tiles it has jumped over. */
function figures({ layers, groups, ...rest }: ProgramResult): unknown {
  return {
    ...rest,
    groups: groups.map(({ totalCycles, units }) => ({ totalCycles, units })),
    layers: layers.map((layer) => ({ ...layer, steppedTiles: 0, jumpedTiles: 0 })),
  };
}

function run({ hardware, group }: GroupCase, assumptions: Assumptions, fastForward: boolean): ProgramResult {
  return complete(new Machine(hardware, { fastForward }).runGroup(layersOfGroup(group), group, assumptions));
}

/** In one of four instructions take time to load, at times into a memory that holds only some of them. */
const instructions = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.record({ bitsPerCycle: fc.integer({ min: 1, max: 64 }), kib: fc.constantFrom(1 / 64, 1) }),
  },
);
const anyGroup = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: groupCases({ randomSlots: true, randomOrder: true, isLong: true }) },
      { weight: 1, arbitrary: groupCases({ randomSlots: true, isLong: true }) },
      { weight: 1, arbitrary: groupCases({ mostSlots: 4, randomOrder: true }) },
    ),
    instructions,
  )
  .map(([{ hardware, group }, loading]): GroupCase => {
    if (loading === undefined) return { hardware, group };
    const { bitsPerCycle, kib } = loading;
    const sramKiB = { ...hardware.sramKiB, imem: kib };
    return { hardware: { ...hardware, sramKiB, instructionLoading: { bitsPerCycle } }, group };
  });

describe('fast-forward of fused groups', () => {
  it(`equals stepping in every figure on ${GROUPS} random groups`, () => {
    let [jumped, all, jumpedOfSimd, allOfSimd] = [0, 0, 0, 0];
    fc.assert(
      fc.property(anyGroup, assumptionSets, (each, assumptions) => {
        fc.pre(isDefined({ hardware: each.hardware, layer: each.group.sa }, assumptions));
        const fast = run(each, assumptions, true);
        const [sa, simd] = fast.layers as [ProgramResult['layers'][0], ProgramResult['layers'][0]];
        jumped += sa.jumpedTiles;
        all += sa.tiles;
        jumpedOfSimd += simd.jumpedTiles;
        allOfSimd += simd.tiles;
        expect(sa.steppedTiles + sa.jumpedTiles).toBe(sa.tiles);
        expect(JSON.stringify(figures(fast))).toBe(JSON.stringify(figures(run(each, assumptions, false))));
      }),
      { numRuns: GROUPS, seed: 1 },
    );
    // Otherwise the property would say nothing.
    expect(jumped).toBeGreaterThan(all / 2);
    expect(jumpedOfSimd).toBeGreaterThan(allOfSimd / 3);
  });

  const isLong = process.env['SYSTOLE_VERIFY'] === '1';
  const networks = ['resnet18', 'resnet50'].flatMap((network) =>
    (isLong ? [...INFERENCE_HARDWARE, ...TRAINING_HARDWARE] : ['HI3']).map((name) => [network, name] as const),
  );

  it.each(networks)(
    '%s on %s, its pairs and its chains, as the paper assumes and as the hardware does',
    (network, name) => {
      const hardware = hardwarePreset(name);
      const layers = name.startsWith('HT')
        ? trainingLayers(network, hardware, 'published')
        : inferenceLayers(network, hardware);
      for (const fusion of ['pairs', 'chains'] as const) {
        const program = fuse(layers, hardware, fusion);
        for (const assumptions of [PAPER, HARDWARE]) {
          const [fast, slow] = [new Machine(hardware), new Machine(hardware, { fastForward: false })];
          for (const each of program.groups) {
            const group = aloneOf(each);
            const members = program.layers.slice(each.first, each.last + 1);
            const of = (machine: Machine) => figures(complete(machine.runGroup(members, group, assumptions)));
            expect(of(fast), group.sa.name).toEqual(of(slow));
          }
        }
      }
    },
  );
});

describe('a regular group', () => {
  it('steps as many tiles whether it has a thousand of them or a million', () => {
    const steppedOf = (tiles: number): (number | string)[] => {
      const sa = tinyConv({ ow: 10 * tiles }, { ow: 10 });
      const group = tinyGroup(sa, ['tensor-add', 'relu']);
      const { layers, groups } = complete(new Machine(TINY_HARDWARE).runGroup(layersOfGroup(group), group, HARDWARE));
      const [first, second] = layers as [(typeof layers)[number], (typeof layers)[number]];
      // VMem's interface sets the pace: a shortcut and a result of 10 cycles each, and 2 · 15 of compute in between.
      expect(groups[0]!.totalCycles).toBe(50 * tiles + 10);
      expect(first.tiles).toBe(tiles);
      return [first.steppedTiles, second.steppedTiles];
    };
    expect(steppedOf(1000)[0]).toBeLessThan(20);
    expect(steppedOf(1_000_000)).toEqual(steppedOf(1000));
  });

  it('waits for its members’ instructions where these take time to load', () => {
    // Two tiles of 2. Relu is one instruction of 32 bits, at a bit per cycle; the first tile is there at 4. From 32 on a
    // tile takes 5 + 2 cycles and 2 for its store, which the next waits for.
    const group = tinyGroup(tinyConv({ ow: 4 }, { ow: 2 }), ['relu']);
    const hardware = { ...TINY_HARDWARE, instructionLoading: { bitsPerCycle: 1 } };
    const { groups } = complete(new Machine(hardware).runGroup(layersOfGroup(group), group, HARDWARE));
    const [{ totalCycles, units }] = groups as [(typeof groups)[number]];
    expect(totalCycles).toBe(32 + 2 * 9);
    const { instructions, vmemStore, obufTile, drain } = units.SIMD.waiting;
    expect({ instructions, vmemStore, obufTile, drain }).toEqual({
      instructions: 32,
      vmemStore: 2,
      obufTile: 0,
      drain: 2,
    });
    // In lockstep they are asked for with the first tile: in its segment, from 4 on.
    const inLockstep = complete(new Machine(hardware).runGroup(layersOfGroup(group), group, PAPER));
    expect(inLockstep.totalCycles).toBe(2 + 2 + (32 + 9) + 9);
  });

  it('is not run again where one like it has run before', () => {
    const machine = new Machine(TINY_HARDWARE);
    const named = (name: string) => tinyGroup({ ...tinyConv({ ow: 500 }, { ow: 5 }), name }, ['relu']);
    const [first, again, other] = [named('a'), named('b'), { ...named('a'), isSumStored: true }].map((group) =>
      complete(machine.runGroup(layersOfGroup(group), group, HARDWARE)),
    );
    expect(figures(again!)).toEqual(figures(first!));
    expect(again!.layers.map(({ steppedTiles }) => steppedTiles)).toEqual([0, 0]);
    expect(other!.layers[0]!.steppedTiles).toBeGreaterThan(0);
  });
});
