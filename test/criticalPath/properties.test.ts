/** What holds of every critical path: tried on random layers, and on random networks whose layers overlap or are fused. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DramModel } from '../../src/model/dram/model.ts';
import { fuse } from '../../src/model/fusion/fuse.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { watchedBy } from '../../src/model/machine/channelWatching.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { InterfaceName } from '../../src/model/machine/observer.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { type CriticalPath, criticalPath, isInterfaceResource } from '../../src/studies/criticalPath/criticalPath.ts';
import type { DependencyGraph } from '../../src/studies/criticalPath/dependencyGraph.ts';
import { DependencyRecorder } from '../../src/studies/criticalPath/dependencyRecorder.ts';
import { MemoryHolds } from '../../src/studies/criticalPath/memoryHolds.ts';
import { assumptionSets, type Case, isDefined, saCases, simdCases } from '../support/arbitraries.ts';
import { complete } from '../support/complete.ts';
import { dramPreset } from '../support/dram.ts';
import { smallMachines } from '../support/overlapCases.ts';
import { networks } from '../support/randomNetworks.ts';

const isLong = process.env['SYSTOLE_VERIFY'] === '1';
const CASES = isLong ? 2000 : 100;

const anySimd = fc
  .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
  .chain((op) => simdCases(op, { randomSlots: true }));
const anyCase: fc.Arbitrary<Case<Layer>> = fc.oneof(saCases({ randomSlots: true, randomOrder: true }), anySimd);
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** A transfer that takes some cycles more, by its place among those of its interface. */
interface Longer {
  readonly name: InterfaceName;
  readonly place: number;
  readonly by: number;
}

interface Watched {
  readonly graph: DependencyGraph;
  readonly totalCycles: number;
}

function watched(layer: Layer, hardware: Hardware, assumptions: Assumptions, longer?: Longer): Watched {
  const recorder = new DependencyRecorder(hardware, assumptions);
  const machine = new Machine(hardware);
  machine.observe(recorder);
  if (longer !== undefined) delay(machine, longer);
  const { totalCycles } = machine.run(layer, assumptions);
  expect(recorder.unexplained).toBe(0);
  return { graph: recorder.graph, totalCycles };
}

/** Makes one transfer of an interface longer. */
function delay(machine: Machine, { name, place, by }: Longer): void {
  type Inside = {
    serve(...request: unknown[]): void;
    port: { transferCycles(bits: number): number };
  };
  const inside = machine.components[`${name}Interface`] as unknown as Inside;
  const { port } = inside;
  const serve = inside.serve.bind(inside);
  let [served, more] = [0, 0];
  inside.serve = (...request) => {
    if (served++ === place) more = by;
    serve(...request);
  };
  inside.port = {
    transferCycles: (bits) => {
      const cycles = port.transferCycles(bits) + more;
      more = 0;
      return cycles;
    },
  };
}

/** What each interface serves, in order. */
function serviceOrders(graph: DependencyGraph): Map<InterfaceName, string> {
  const orders = new Map<InterfaceName, string>();
  for (let node = 0; node < graph.size; node++) {
    const resource = graph.resourceOf(node);
    if (resource === undefined || !isInterfaceResource(resource)) continue;
    const { direction, tensor, step } = graph.tileOf(node);
    orders.set(resource, `${orders.get(resource) ?? ''}${direction} ${tensor} ${step},`);
  }
  return orders;
}

/** The interfaces that serve in another order. */
function reordered(before: DependencyGraph, after: DependencyGraph): InterfaceName[] {
  const orders = serviceOrders(after);
  return [...serviceOrders(before)].filter(([name, order]) => orders.get(name) !== order).map(([name]) => name);
}

/** Each cycle belongs to one segment, and to one resource and reason. */
function expectCovered({ segments, resources, reasons }: CriticalPath, totalCycles: number): void {
  let end = 0;
  for (const { from, to } of segments) {
    expect(from).toBe(end);
    end = to;
  }
  expect(end).toBe(totalCycles);
  for (const parts of [resources, reasons]) {
    expect(parts.reduce((sum, { pathCycles }) => sum + pathCycles, 0)).toBe(totalCycles);
  }
}

describe(`of ${CASES} random layers`, () => {
  it('the path covers every cycle once, and every transfer and compute begins when the last of what it waits for is over', () => {
    let tried = 0;
    fc.assert(
      fc.property(anyCase, assumptionSets, (each, assumptions) => {
        if (!isDefined(each, assumptions)) return;
        tried++;
        const { graph, totalCycles } = watched(each.layer, each.hardware, assumptions);
        expectCovered(criticalPath(graph), totalCycles);
      }),
      { numRuns: CASES, seed: 1 },
    );
    expect(tried).toBeGreaterThan(CASES / 2);
  });

  it('a transfer that is made longer within its slack changes nothing', () => {
    let [longer, elsewhere] = [0, 0];
    fc.assert(
      fc.property(anyCase, assumptionSets, share, share, (each, assumptions, which, part) => {
        if (!isDefined(each, assumptions)) return;
        const { layer, hardware } = each;
        const { graph, totalCycles } = watched(layer, hardware, assumptions);
        const loose = looseTransfers(graph);
        if (loose.length === 0) return;
        const { slack, ...transfer } = loose[Math.floor(which * loose.length)]!;
        const again = watched(layer, hardware, assumptions, { ...transfer, by: 1 + Math.floor(part * slack) });
        longer++;
        if (reordered(graph, again.graph).length === 0) expect(again.totalCycles).toBe(totalCycles);
        else elsewhere++;
      }),
      { numRuns: CASES, seed: 2 },
    );
    expect(longer - elsewhere).toBeGreaterThan(CASES / 4);
  });

  it('the bound of a faster interface is not beaten, and one without part in any path saves nothing', () => {
    let [tried, turned, reached, idle] = [0, 0, 0, 0];
    const inOtherOrder = new Set<InterfaceName>();
    fc.assert(
      fc.property(anyCase, assumptionSets, (each, assumptions) => {
        if (!isDefined(each, assumptions)) return;
        const { layer, hardware } = each;
        const { graph, totalCycles } = watched(layer, hardware, assumptions);
        for (const { resource, slackCycles, twiceBoundCycles } of criticalPath(graph).resources) {
          if (!isInterfaceResource(resource)) continue;
          const with_ = (times: number): Watched => watched(layer, faster(hardware, resource, times), assumptions);
          const twice = with_(2);
          const others = reordered(graph, twice.graph);
          for (const name of others) inOtherOrder.add(name);
          if (others.length === 0) {
            tried++;
            expect(twice.totalCycles).toBeGreaterThanOrEqual(twiceBoundCycles);
            if (twice.totalCycles === twiceBoundCycles) reached++;
          } else {
            turned++;
          }
          if (slackCycles === 0) continue;
          const unlimited = with_(2 ** 40);
          if (reordered(graph, unlimited.graph).length > 0) continue;
          idle++;
          expect(unlimited.totalCycles).toBe(totalCycles);
        }
      }),
      { numRuns: CASES, seed: 3 },
    );
    expect(tried).toBeGreaterThan(CASES / 2);
    // Most bounds are what a run gives. Few runs serve in another order, and only where one queue has loads and stores.
    expect(reached).toBeGreaterThan(tried / 2);
    expect(turned).toBeLessThan(tried / 10);
    expect([...inOtherOrder].filter((name) => name !== 'psum' && name !== 'vmem')).toEqual([]);
    expect(idle).toBeGreaterThan(0);
  });
});

function faster(hardware: Hardware, name: InterfaceName, times: number): Hardware {
  const { bitsPerCycle } = hardware;
  return { ...hardware, bitsPerCycle: { ...bitsPerCycle, [name]: times * bitsPerCycle[name] } };
}

/** Transfers with slack, by their places on their interface. */
function looseTransfers(graph: DependencyGraph): { name: InterfaceName; place: number; slack: number }[] {
  const latest = graph.latestEnds();
  const places = { weight: 0, ifmap: 0, psum: 0, vmem: 0 };
  const loose: { name: InterfaceName; place: number; slack: number }[] = [];
  for (let node = 0; node < graph.size; node++) {
    const name = graph.resourceOf(node);
    if (name === undefined || !isInterfaceResource(name)) continue;
    const slack = latest[node]! - graph.endOf(node);
    const place = places[name]++;
    if (slack > 0) loose.push({ name, place, slack });
  }
  return loose;
}

describe(`of ${CASES} random networks whose layers overlap or are fused`, () => {
  it.each(['ideal', 'HBM2'] as const)('the path covers every cycle once, on %s memory', (memory) => {
    const dram: DramModel | undefined =
      memory === 'ideal' ? undefined : { kind: 'banked', spec: dramPreset(memory), layout: 'tiles', sharing: 'shared' };
    let [ran, groupsInAll, held] = [0, 0, 0];
    fc.assert(
      fc.property(
        networks,
        smallMachines,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('none', 'pairs', 'chains'),
        (graph, hardware, isTraining, keepsResident, fusion) => {
          const program = isTraining ? trainingProgram(graph, 1, 'exact') : inferenceProgram(graph, 2);
          const tiled = tiledOrNone(() => tileProgram(program, hardware));
          if (tiled === undefined) return;
          const { layers, groups } = fuse(tiled, hardware, fusion);
          const assumptions = { ...HARDWARE, reloadOperands: !keepsResident, prefetch: true };
          const memoryHolds = dram && new MemoryHolds();
          const recorder = new DependencyRecorder(hardware, assumptions, memoryHolds);
          const machine = new Machine(
            hardware,
            dram && { dram, channelWatching: memoryHolds && watchedBy(memoryHolds) },
          );
          machine.observe(recorder);
          const { totalCycles } = complete(machine.runOverlapped(layers, assumptions, groups));
          expect(recorder.unexplained).toBe(0);
          expectCovered(criticalPath(recorder.graph, recorder.holds), totalCycles);
          ran++;
          held += recorder.holds.size;
          groupsInAll += groups.length;
        },
      ),
      { numRuns: memory === 'ideal' ? CASES : CASES / 4, seed: 4 },
    );
    expect(ran).toBeGreaterThan(CASES / 8);
    expect(groupsInAll).toBeGreaterThan(CASES / 8);
    expect(held > 0).toBe(memory === 'HBM2');
  });
});

function tiledOrNone(tile: () => Layer[]): Layer[] | undefined {
  try {
    return tile();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
