/** Explanations of layers that overlap: what is tried is a run of the network around the layer. */
import { describe, expect, it } from 'vitest';
import type { FusedGroup } from '../../src/model/fusion/groups.ts';
import { fusedGroups } from '../../src/model/fusion/groups.ts';
import type { Layer, SimdLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { programPath } from '../../src/studies/criticalPath/networkPath.ts';
import { partOfPath } from '../../src/studies/criticalPath/pathPart.ts';
import { explainLayer } from '../../src/studies/explain/explanation.ts';
import { explainGroup } from '../../src/studies/explain/groupExplanation.ts';
import { isGroup, type Surroundings } from '../../src/studies/explain/trials.ts';
import { complete } from '../support/complete.ts';
import { conv, hardware, relu } from '../support/fiveTiles.ts';

const PREFETCH: Assumptions = { ...HARDWARE, prefetch: true };
const setting = {
  hardware,
  dram: { kind: 'ideal' } as const,
  assumptions: PREFETCH,
  fastForward: true,
  energy: undefined,
};

/** A network whose layers have the same tiles on any hardware. */
function networkOf(layers: readonly Layer[], groups: readonly FusedGroup[] = []): Surroundings {
  return {
    around: (tried) => ({
      layers: isGroup(tried) ? layers : layers.map((layer) => (layer.name === tried.name ? tried : layer)),
      groups,
    }),
    apart: () => ({ layers, groups: [] }),
  };
}

function cyclesOf(layers: readonly Layer[], on: Hardware, groups: readonly FusedGroup[] = []): number {
  return complete(new Machine(on).runOverlapped(layers, PREFETCH, groups)).totalCycles;
}

const withBandwidth = (name: 'psum' | 'vmem' | 'ifmap', bits: number): Hardware => ({
  ...hardware,
  bitsPerCycle: { ...hardware.bitsPerCycle, [name]: bits },
});

// The cycles of these are counted in test/machine/prefetch.test.ts.
describe('a conv whose only tile waits for another', () => {
  const layers = [conv('first', 5), conv('second', 1, { ifmap: ['first'] })];
  const explanation = complete(
    explainLayer(layers[1]!, {
      ...setting,
      variant: 'published',
      retile: () => layers[1]!,
      generate: undefined,
      surroundings: networkOf(layers),
    }),
  );

  it('adds what it ends later, and takes more by itself', () => {
    // By itself: weight and bias 0–5, compute 5–15, store 15–20.
    expect([explanation.simulated.totalCycles, explanation.aloneCycles]).toEqual([19, 20]);
    expect(explanation.network).toEqual({ totalCycles: 79 });
    const { producer, ifmap, weight, bias } = explanation.simulated.waiting;
    expect({ producer, ifmap, weight, bias }).toEqual({ producer: 5, ifmap: 4, weight: 0, bias: 0 });
  });

  it('is helped by what the network is helped by: stores of the first, which it waits for, more than its own loads', () => {
    // Stores of 320 bits take 5 cycles at 64 bits per cycle and 3 at 128: the last of either layer is awaited.
    const worth = (name: string): number =>
      explanation.reliefs.find(({ resources }) => resources.join() === name)!.worthCycles;
    expect(worth('psum')).toBe(2 + 2);
    // The ifmap that comes behind the first layer takes 4 cycles at 20 bits per cycle, and 2 at 40.
    expect(worth('ifmap')).toBe(2);
    // One row takes 8 bits of weights per cycle, however many come (MODEL.md §1).
    expect(worth('weight')).toBe(0);
    for (const { resources, doubledCycles, worthCycles } of explanation.reliefs) {
      expect([resources, doubledCycles]).toEqual([resources, 79 - worthCycles]);
    }
  });

  it('has of the path what comes behind the first layer’s last store', () => {
    const path = complete(programPath({ layers, groups: [] }, hardware, PREFETCH, { segments: true }));
    expect(partOfPath(path, 1, 1)).toEqual({
      totalCycles: 79,
      pathCycles: 19,
      resources: [
        { resource: 'peArray', pathCycles: 10 },
        { resource: 'psum', pathCycles: 5 },
        { resource: 'ifmap', pathCycles: 4 },
      ],
      reasons: [
        { reason: 'operand', pathCycles: 10 },
        { reason: 'result', pathCycles: 5 },
        { reason: 'producer', pathCycles: 4 },
      ],
      segments: path.segments!.slice(-3),
    });
  });
});

describe('a fused group beside a layer that does not need it', () => {
  const taking: SimdLayer = { ...relu, producers: { X: ['conv'] }, asMade: ['X'] };
  const layers = [conv('conv', 5), taking, conv('beside', 5)];
  const groups = fusedGroups(layers, 'chains');
  const [group] = groups as [FusedGroup];
  const explanation = complete(
    explainGroup(group, {
      ...setting,
      apart: layers.slice(0, 2),
      retile: () => group,
      surroundings: networkOf(layers, groups),
    }),
  );

  it('is compared with the network in which its layers run apart', () => {
    expect(explanation.network).toEqual({ totalCycles: cyclesOf(layers, hardware, groups) });
    expect(explanation.apartCycles).toBe(cyclesOf(layers, hardware));
    expect(explanation.totalCycles).toBe(110);
    // Its array is the conv's until its fifth tile is computed, at 78; the SIMD array's last tile ends at 106.
    expect([explanation.units.SA.busyCycles, explanation.units.SIMD.busyCycles]).toEqual([50, 75]);
    expect(explanation.binding).toBe('SIMD');
  });

  it('is helped by what the network is helped by', () => {
    const vmem = explanation.reliefs.find(({ resources }) => resources.join() === 'vmem')!;
    expect(vmem.doubledCycles).toBe(cyclesOf(layers, withBandwidth('vmem', 40), groups));
  });
});
