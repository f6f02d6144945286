import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Machine } from '../../src/model/machine/machine.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { criticalPath } from '../../src/studies/criticalPath/criticalPath.ts';
import { DependencyRecorder } from '../../src/studies/criticalPath/dependencyRecorder.ts';
import { assumptionSets, type Case, isDefined, saCases, simdCases } from '../support/arbitraries.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { DependencyGraph } from '../../src/studies/criticalPath/dependencyGraph.ts';

const anySimd = fc.constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[])).chain((op) => simdCases(op, { randomSlots: true }));
const any: fc.Arbitrary<Case<Layer>> = fc.oneof(saCases({ randomSlots: true, randomOrder: true }), anySimd);
const NAMES = ['weight','ifmap','psum','vmem'] as const;

function run(layer: Layer, hardware: Hardware, assumptions: Assumptions, longer?: { name: typeof NAMES[number], place: number, by: number }) {
  const recorder = new DependencyRecorder(hardware, assumptions);
  const machine = new Machine(hardware, { fastForward: false });
  machine.observe(recorder);
  if (longer) {
    const port = machine.components[`${longer.name}Interface`] as any;
    const serve = port.serve.bind(port);
    let n = 0;
    const inner = port.port;
    let extra = 0;
    port.port = { transferCycles: (bits: number) => { const c = inner.transferCycles(bits) + extra; extra = 0; return c; } };
    port.serve = (...a: any[]) => { if (n++ === longer.place) extra = longer.by; serve(...a); };
  }
  const result = machine.run(layer, assumptions);
  return { graph: recorder.graph, result };
}
function orders(graph: DependencyGraph): string {
  const list: string[][] = NAMES.map(() => []);
  for (let n = 0; n < graph.size; n++) {
    const r = graph.resourceOf(n);
    const k = NAMES.indexOf(r as any);
    if (k >= 0) { const t = graph.tileOf(n); list[k]!.push(`${t.direction[0]}${t.tensor}${t.step}`); }
  }
  return JSON.stringify(list);
}
it('slack', () => {
  let n = 0, tried = 0, changed = 0, moved = 0, beaten = 0, beatenSame = 0, offPath = 0, offSaved = 0, offSavedSame=0, bounds = 0, exact=0;
  const show = (w: string, ...a: any[]) => { console.log(w, ...a); };
  fc.assert(fc.property(any, assumptionSets, fc.double({min:0,max:1,noNaN:true}), fc.double({min:0,max:1,noNaN:true}), (c, assumptions, pick, part) => {
    const { hardware, layer } = c;
    if (!isDefined(c, assumptions)) return;
    n++;
    const { graph, result } = run(layer, hardware, assumptions);
    const base = orders(graph);
    const latest = graph.latestEnds();
    const loose: { name: typeof NAMES[number], place: number, slack: number }[] = [];
    const counts: Record<string, number> = {};
    for (let v = 0; v < graph.size; v++) {
      const name = graph.resourceOf(v) as typeof NAMES[number];
      if (!NAMES.includes(name)) continue;
      const place = counts[name] = (counts[name] ?? -1) + 1;
      const slack = latest[v]! - graph.endOf(v);
      if (slack > 0) loose.push({ name, place, slack });
    }
    if (loose.length > 0) {
      const one = loose[Math.floor(pick * loose.length * 0.9999)]!;
      const by = 1 + Math.floor(part * one.slack * 0.9999);
      const again = run(layer, hardware, assumptions, { name: one.name, place: one.place, by });
      tried++;
      const same = orders(again.graph) === base;
      if (again.result.totalCycles !== result.totalCycles) { if (same) { moved++; if (moved < 4) show('MOVED', layer.unit==='SIMD'?layer.op:'', JSON.stringify(assumptions), JSON.stringify(hardware), JSON.stringify(layer), one, by, result.totalCycles, again.result.totalCycles); } else changed++; }
    }
    const path = criticalPath(graph);
    for (const { resource, slackCycles, twiceBoundCycles } of path.resources) {
      if (!NAMES.includes(resource as any)) continue;
      const name = resource as typeof NAMES[number];
      const hw2 = { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, [name]: 2 * hardware.bitsPerCycle[name] }, bits: name==='weight' ? hardware.bits : hardware.bits };
      const again = run(layer, hw2, assumptions);
      bounds++;
      if (again.result.totalCycles < twiceBoundCycles) { if (orders(again.graph) === base) { beatenSame++; if (beatenSame<3) show('BEATEN', resource, twiceBoundCycles, again.result.totalCycles, JSON.stringify(hardware), JSON.stringify(layer)); } else beaten++; }
      if (again.result.totalCycles === twiceBoundCycles) exact++;
      if (slackCycles > 0) {
        const inf = run(layer, { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, [name]: 2 ** 40 } }, assumptions);
        offPath++;
        if (inf.result.totalCycles < result.totalCycles) { if (orders(inf.graph) === base) offSavedSame++; else offSaved++; }
      }
    }
  }), { seed: 8, numRuns: 2000 });
  console.log({ n, tried, moved, changed, bounds, beaten, beatenSame, exact, offPath, offSaved, offSavedSame });
}, 200000);
