import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Machine } from '../../src/model/machine/machine.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { criticalPath } from '../../src/studies/criticalPath/criticalPath.ts';
import { DependencyRecorder } from '../../src/studies/criticalPath/dependencyRecorder.ts';
import { assumptionSets, type Case, isDefined, saCases, simdCases } from '../support/arbitraries.ts';
import { assumptionNames } from '../../src/model/schedule/assumptions.ts';
import type { Layer } from '../../src/model/layers/layer.ts';

const anySimd = fc.constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[])).chain((op) => simdCases(op, { randomSlots: true }));
const any: fc.Arbitrary<Case<Layer>> = fc.oneof(saCases({ randomSlots: true, randomOrder: true }), anySimd);
it('explains', () => {
  const bad: Record<string, number> = {};
  let n = 0, lock = 0;
  fc.assert(fc.property(any, assumptionSets, (c, assumptions) => {
    const { hardware, layer } = c;
    if (!isDefined(c, assumptions)) return;
    const recorder = new DependencyRecorder(hardware, assumptions);
    const machine = new Machine(hardware, { fastForward: false });
    machine.observe(recorder);
    const result = machine.run(layer, assumptions);
    n++;
    const path = criticalPath(recorder.graph);
    let at = 0;
    for (const s of path.segments) { expect(s.from).toBe(at); at = s.to; }
    expect(at).toBe(result.totalCycles);
    expect(path.totalCycles).toBe(result.totalCycles);
    if (recorder.unexplained > 0) {
      const k = `${layer.unit} ${assumptionNames(assumptions).join(',')}`;
      bad[k] = (bad[k] ?? 0) + 1;
      if (bad[k] === 1) console.log(k, layer.unit==='SIMD'?layer.op:'', JSON.stringify(hardware.slots), JSON.stringify(layer.sizes), JSON.stringify(layer.tile), (layer as any).loopOrder, recorder.unexplained);
    }
  }), { seed: 7, numRuns: 2000 });
  console.log(n, bad, lock);
});
