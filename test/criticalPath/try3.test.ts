/** Real data through random networks whose layers overlap or are fused: what is in DRAM at the end is what operations say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuse } from '../../src/model/fusion/fuse.ts';
import { FUSIONS, type Fusion } from '../../src/model/fusion/groups.ts';
import { windowInput } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import type { Program, SaOperation } from '../../src/model/workload/program.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { complete } from '../support/complete.ts';
import { networks } from '../support/randomNetworks.ts';

const NETWORKS = process.env['SYSTOLE_VERIFY'] === '1' ? 2000 : 100;
/** Sums in another order round otherwise. */
const TOLERANCE = 1e-9;

const upTo = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const bandwidth = fc.constantFrom(4, 8, 16, 32, 64, 256);
const slots = upTo(1, 3);

/** Arrays, memories and bandwidths so small that tiles and waits of every kind occur. */
const machines: fc.Arbitrary<Hardware> = fc
  .record({
    array: fc.record({ rows: upTo(1, 4), columns: upTo(1, 4) }),
    slots: fc.record({ wbuf: slots, ibuf: slots, obuf: slots, bbuf: slots, vmem: slots }),
    bitsPerCycle: fc.record({ weight: bandwidth, ifmap: bandwidth, psum: bandwidth, vmem: bandwidth }),
    sramKiB: fc.record({ wbuf: upTo(1, 2), ibuf: upTo(1, 2), obuf: upTo(1, 2), bbuf: upTo(1, 2), vmem: upTo(1, 4) }),
  })
  .map(({ sramKiB, ...more }) => ({
    name: 'random',
    ...more,
    sramKiB: { ...sramKiB, imem: 1 },
    bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
    aluCycles: { add: 1, sub: 1, mul: 1, div: 9, max: 1, exp: 3, invSqrt: 13, condMove: 1, min: 1, mac: 1 },
    clockPicoseconds: 1000,
  }));

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
  hardware: machines,
  batch: upTo(1, 2),
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


import { criticalPath } from '../../src/studies/criticalPath/criticalPath.ts';
import { DependencyRecorder } from '../../src/studies/criticalPath/dependencyRecorder.ts';
it('overlap', () => {
  let n = 0, bad = 0, groupsN = 0; const kinds: Record<string, number> = {};
  fc.assert(fc.property(cases, ({ graph, hardware, batch, isTraining, keepsResident, fusion }) => {
    const program = isTraining ? trainingProgram(graph, batch, 'exact') : inferenceProgram(graph, batch);
    if (hasOtherAverage(program)) return;
    let tiled; try { tiled = tileProgram(program, hardware); } catch (e) { if (e instanceof InputError) return; throw e; }
    const assumptions = { ...HARDWARE, reloadOperands: !keepsResident, prefetch: true };
    const { layers, groups } = fuse(tiled, hardware, fusion);
    const recorder = new DependencyRecorder(hardware, assumptions);
    const machine = new Machine(hardware);
    machine.observe(recorder);
    const r = complete(machine.runOverlapped(layers, assumptions, groups));
    n++; groupsN += groups.length;
    const path = criticalPath(recorder.graph);
    let at = 0;
    for (const s of path.segments) { expect(s.from).toBe(at); at = s.to; }
    expect(at).toBe(r.totalCycles);
    if (recorder.unexplained > 0) { bad++; const k = `${fusion} resident ${keepsResident}`; kinds[k] = (kinds[k] ?? 0) + 1; if (kinds[k]! < 3) console.log(k, recorder.log.slice(0, 3), JSON.stringify(hardware.slots), layers.length); }
  }), { seed: 9, numRuns: 2000 });
  console.log({ n, bad, groupsN, kinds });
}, 600000);
void [describe, Machine];
