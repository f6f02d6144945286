/** Layers that overlap, and fused groups, on units that are stepped cycle by cycle: the same figures, tile by tile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/model/fusion/fuse.ts';
import { FUSIONS, type FusedGroup } from '../../src/model/fusion/groups.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import * as units from '../../src/model/machine/cycleStepped/steppedUnits.ts';
import { Machine, type MachineOptions } from '../../src/model/machine/machine.ts';
import type { MachineObserver } from '../../src/model/machine/observer.ts';
import type { ProgramResult } from '../../src/model/machine/programRun.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { assumptionSets, isDefined } from '../support/arbitraries.ts';
import { complete } from '../support/complete.ts';
import { groupCases, layersOfGroup } from '../support/fusedGroups.ts';
import { smallMachines } from '../support/overlapCases.ts';
import { networks } from '../support/randomNetworks.ts';

const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 1000 : 20;

/** Everything that a run says but what computing it took. */
function figures({ layers, ...rest }: ProgramResult): unknown {
  return { ...rest, layers: layers.map((layer) => ({ ...layer, events: 0, steppedTiles: 0, jumpedTiles: 0 })) };
}

/** When each step computes, and the slots that it uses. */
class Steps implements MachineObserver {
  private readonly told: unknown[] = [];
  /** In one order, whichever unit is told of first in a cycle in which both begin or end. */
  sorted(): string[] {
    return this.told.map((each) => JSON.stringify(each)).sort();
  }
  layerStarted(): void {}
  transferRequested(): void {}
  transferStarted(): void {}
  transferEnded(): void {}
  layerEnded(): void {}
  computeStarted(...told: unknown[]): void {
    this.told.push(['started', ...told]);
  }
  computeEnded(...told: unknown[]): void {
    this.told.push(['ended', ...told]);
  }
}

interface Program {
  readonly layers: readonly Layer[];
  readonly groups: readonly FusedGroup[];
}

function overlapped(
  { layers, groups }: Program,
  hardware: Hardware,
  assumptions: Assumptions,
  options: MachineOptions,
) {
  const machine = new Machine(hardware, options);
  const steps = new Steps();
  machine.observe(steps);
  return { figures: figures(complete(machine.runOverlapped(layers, assumptions, groups))), steps: steps.sorted() };
}

function programOf(graph: Parameters<typeof inferenceProgram>[0], hardware: Hardware, isTraining: boolean): Layer[] {
  try {
    return tileProgram(isTraining ? trainingProgram(graph, 1, 'exact') : inferenceProgram(graph, 1), hardware);
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

describe('units stepped cycle by cycle', () => {
  it(`compute each tile when the tile-grained ones do, in ${CASES} random networks whose layers overlap`, () => {
    let [ran, fused] = [0, 0];
    const cases = fc.tuple(networks, smallMachines, fc.boolean(), fc.constantFrom(...FUSIONS), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(cases, ([graph, hardware, isTraining, fusion, every]) => {
        const program = fuse(programOf(graph, hardware, isTraining), hardware, fusion);
        if (program.layers.length === 0) return;
        const assumptions = { ...HARDWARE, prefetch: true };
        // All layers, or some beside others that are not looked into.
        const places = new Map(program.layers.map(({ name }, place) => [name, place] as const));
        const isStepped = ({ name }: Layer): boolean => places.get(name)! % (every + 1) === 0;
        const whole = overlapped(program, hardware, assumptions, {});
        expect(overlapped(program, hardware, assumptions, { cycleStepping: { ...units, isStepped } })).toEqual(whole);
        ran++;
        fused += program.groups.length;
      }),
      { numRuns: CASES, seed: 1 },
    );
    expect(ran).toBeGreaterThan(CASES / 2);
    expect(fused).toBeGreaterThan(CASES / 2);
  });

  it(`read OBuf and VMem as often in ${CASES} random groups of any operations`, () => {
    fc.assert(
      fc.property(groupCases({ randomSlots: true, randomOrder: true }), assumptionSets, (each, assumptions) => {
        const { hardware, group } = each;
        if (!isDefined({ hardware, layer: group.sa }, assumptions)) return;
        const run = (options: MachineOptions): unknown =>
          figures(complete(new Machine(hardware, options).runGroup(layersOfGroup(group), group, assumptions)));
        expect([group, run({ cycleStepping: { ...units, isStepped: () => true } })]).toEqual([group, run({})]);
      }),
      { numRuns: CASES, seed: 1 },
    );
  });
});
