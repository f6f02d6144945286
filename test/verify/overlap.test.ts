/** Real data through random networks whose layers overlap or are fused: what is in DRAM at the end is what operations say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/model/fusion/fuse.ts';
import { FUSIONS, type Fusion } from '../../src/model/fusion/groups.ts';
import { windowInput } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { Producers } from '../../src/model/machine/producers.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import type { Program, SaOperation } from '../../src/model/workload/program.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { complete } from '../support/complete.ts';
import { executeProgram } from '../support/execute.ts';
import { difference, FunctionalProgram } from '../support/functionalProgram.ts';
import { smallMachines } from '../support/overlapCases.ts';
import { networks, randomData } from '../support/randomNetworks.ts';

const NETWORKS = process.env['SYSTOLE_VERIFY'] === '1' ? 2000 : 100;
/** Sums in another order round otherwise. */
const TOLERANCE = 1e-9;

interface Case {
  readonly graph: Graph;
  readonly hardware: Hardware;
  readonly batch: number;
  readonly isTraining: boolean;
  readonly keepsResident: boolean;
  readonly fusion: Fusion;
}

const cases: fc.Arbitrary<Case> = fc.record({
  graph: networks,
  hardware: smallMachines,
  batch: fc.integer({ min: 1, max: 2 }),
  isTraining: fc.boolean(),
  keepsResident: fc.boolean(),
  fusion: fc.constantFrom(...FUSIONS, 'chains' as const),
});

/** The array's average divides by all cells of the window: pools whose windows reach beyond the image have another. */
function hasOtherAverage({ operations }: Program): boolean {
  return operations.some((operation) => {
    if (operation.unit !== 'SIMD' || operation.pool === undefined || !operation.op.startsWith('avg-pool')) return false;
    const { h, w, padding } = operation.pool;
    const reached = windowInput(operation.sizes, operation.window);
    return padding.h > 0 || padding.w > 0 || reached.h > h || reached.w > w;
  });
}

/** What has been fused, by the operations of its SIMD layers. */
const fusedKinds = new Map<string, number>();

/** Runs a case; returns the first wrong element, or undefined; `cannotRun` where no tile fits. */
function run({ graph, hardware, batch, isTraining, keepsResident, fusion }: Case): string | undefined {
  const program = isTraining ? trainingProgram(graph, batch, 'exact') : inferenceProgram(graph, batch);
  if (hasOtherAverage(program)) return 'cannot run';
  const tiled = (() => {
    try {
      return tileProgram(program, hardware);
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  })();
  if (tiled === undefined) return 'cannot run';
  const { layers, groups: all } = fuse(tiled, hardware, fusion);
  const operations = program.operations.filter(({ unit }) => unit !== 'free');
  // Where groups are images the ofmap is stored in another order than other members' tensors lie.
  const groups = all.filter(({ first }) => (operations[first] as SaOperation).areGroupsImages !== true);
  const { input, parameters, cotangents } = randomData(graph, batch, 'data');
  // Where no conv takes a batch norm in, an inference multiplies with constants: any two do.
  const constants = [...parameters].flatMap(([name, tensor]): [string, typeof tensor][] => {
    const scaled = name.replace(/\.gamma$/, '.scale').replace(/\.beta$/, '.shift');
    return scaled === name || isTraining ? [] : [[scaled, tensor]];
  });
  const initial = new Map([['input', input], ...parameters, ...constants]);
  const results = executeProgram(program, initial, cotangents);
  const assumptions: Assumptions = { ...HARDWARE, reloadOperands: !keepsResident, prefetch: true };
  const data = new FunctionalProgram(program, layers, hardware, initial, cotangents, results, groups, assumptions);
  const machine = new Machine(hardware);
  machine.observe(data);
  complete(machine.runOverlapped(layers, assumptions, groups));
  for (const { members } of groups) {
    const kind = members.map(({ layer }) => layer.op).join(', ');
    fusedKinds.set(kind, (fusedKinds.get(kind) ?? 0) + 1);
  }
  // What free operations make is another view of the same memory, which a parameter's update changes too.
  const isStored = (place: number): boolean =>
    groups.every(({ first, last, isSumStored }) => place < first || place >= last || (place === first && isSumStored));
  const stored = operations.flatMap(({ writes }, place) => (isStored(place) ? Object.values<string>(writes) : []));
  for (const name of stored) {
    const wrong = difference(name, data.memory.get(name)!, results.get(name)!, TOLERANCE);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

describe('layers that overlap', () => {
  it(`carry the right data through ${NETWORKS} random networks`, () => {
    let [ran, fused] = [0, 0];
    fc.assert(
      fc.property(cases, (each) => {
        const wrong = run(each);
        if (wrong !== undefined) expect(wrong).toBe('cannot run');
        else if (each.fusion === 'none') ran++;
        else fused++;
      }),
      { numRuns: NETWORKS, seed: 1 },
    );
    expect(ran + fused).toBeGreaterThan(NETWORKS / 2);
    expect(fused).toBeGreaterThan(NETWORKS / 4);
    expect([...fusedKinds.keys()]).toEqual(
      expect.arrayContaining(['relu', 'tensor-add', 'bn-statistics', 'sgd-2d', 'sgd-4d']),
    );
  });

  it('do not, where a tile does not wait for the layer that makes it', () => {
    const { areDone } = Producers.prototype;
    Producers.prototype.areDone = () => true;
    try {
      const outcomes = fc.sample(cases, { numRuns: 40, seed: 1 }).map(run);
      expect(outcomes.filter((outcome) => outcome !== undefined && outcome !== 'cannot run').length).toBeGreaterThan(
        10,
      );
    } finally {
      Producers.prototype.areDone = areDone;
    }
  });
});
