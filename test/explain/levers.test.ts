import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { bandwidthLevers, withBandwidth } from '../../src/explain/bandwidthLevers.ts';
import { firstFailing, type Retile, tileChanges, tileLevers, withSram } from '../../src/explain/tileLevers.ts';
import type { Layer } from '../../src/layers/layer.ts';
import { Machine } from '../../src/machine/machine.ts';
import { HARDWARE } from '../../src/schedule/assumptions.ts';
import type { Hardware } from '../../src/spec/hardware.ts';
import { InputError } from '../../src/spec/inputError.ts';
import { tileOperation } from '../../src/tiling/tileProgram.ts';
import { choose } from '../../src/verify/random.ts';
import { inferenceProgram } from '../../src/workload/forward.ts';
import { trainingProgram } from '../../src/workload/training.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

interface Sample {
  readonly title: string;
  readonly hardware: Hardware;
  readonly layer: Layer;
  readonly retile: Retile;
}

const random = seedrandom('levers');

/** A random operation of a random network on random hardware, inference or training. */
function draw(): Sample {
  const network = choose(random, ['resnet18', 'resnet50', 'vgg16', 'alexnet']);
  const hardware = hardwarePreset(choose(random, ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3']));
  const graph = graphPreset(network);
  const program = hardware.name.startsWith('HI') ? inferenceProgram(graph, 1) : trainingProgram(graph, 32, 'exact');
  const { operations, file } = program;
  const place = choose(
    random,
    [...operations.keys()].filter((at) => operations[at]!.unit !== 'free'),
  );
  const operation = operations[place]!;
  if (operation.unit === 'free') throw new Error('filtered out');
  const isBeforeConv = operations[place + 1]?.unit === 'SA';
  const retile: Retile = (on) => tileOperation(operation, isBeforeConv, on, file);
  return { title: `${network} ${operation.name} on ${hardware.name}`, hardware, layer: retile(hardware), retile };
}

const samples = Array.from({ length: 50 }, draw);

/** The changes of the tile on other hardware; `undefined` where none fits. */
function changesOn({ layer, retile }: Sample, hardware: Hardware): unknown {
  try {
    return tileChanges(layer, retile(hardware));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

describe('the levers of 50 random layers are true', () => {
  it('both units and lever of both directions are among them', () => {
    const levers = samples.flatMap(({ layer, hardware, retile }) => tileLevers(layer, hardware, retile));
    expect(new Set(samples.map(({ layer }) => layer.unit))).toEqual(new Set(['SA', 'SIMD']));
    expect(levers.filter(({ more }) => more !== undefined).length).toBeGreaterThan(20);
    expect(levers.filter(({ sparedKib }) => sparedKib > 0).length).toBeGreaterThan(20);
  });

  it.each(samples)('sizes: $title', (sample) => {
    const { layer, hardware, retile } = sample;
    for (const { sram, kib, more, sparedKib } of tileLevers(layer, hardware, retile)) {
      const at = (size: number): unknown => changesOn(sample, withSram(hardware, sram, size));
      if (more !== undefined) {
        expect(more.changes.length).toBeGreaterThan(0);
        expect(at(kib + more.kib)).toEqual(more.changes);
        expect(at(kib + more.kib - 1)).toEqual([]);
      }
      expect(at(kib - sparedKib)).toEqual([]);
      if (kib - sparedKib > 1) expect(at(kib - sparedKib - 1)).not.toEqual([]);
    }
  });

  it.each(samples.slice(0, 25))('bandwidths: $title', ({ layer, hardware }) => {
    const cyclesOn = (on: Hardware): number => new Machine(on).run(layer, HARDWARE).totalCycles;
    const cycles = cyclesOn(hardware);
    for (const lever of bandwidthLevers(layer, hardware, cycles, cyclesOn)) {
      const at = (bitsPerCycle: number): number => cyclesOn(withBandwidth(hardware, lever.interface, bitsPerCycle));
      const { bitsPerCycle: now, cyclesUnlimited, enough, needed } = lever;
      if (enough !== undefined) {
        expect(at(enough.bitsPerCycle)).toBe(enough.cycles);
        expect(enough.cycles).toBeLessThanOrEqual(1.01 * cyclesUnlimited);
        expect(at(enough.bitsPerCycle - 1)).toBeGreaterThan(1.01 * cyclesUnlimited);
        expect(enough.cycles).toBeLessThan(cycles);
      }
      if (needed !== undefined) {
        expect(at(needed)).toBeLessThanOrEqual(1.01 * cycles);
        if (needed > 1) expect(at(needed - 1)).toBeGreaterThan(1.01 * cycles);
        expect(needed).toBeLessThanOrEqual(now);
      }
    }
  });
});

describe('the search for the first number that fails', () => {
  it.each([1, 2, 3, 7, 8, 100])('finds %d', (first) => {
    expect(firstFailing((value) => value < first, 1000)).toBe(first);
  });

  it('finds nothing where nothing fails', () => {
    expect(firstFailing(() => true, 1000)).toBeUndefined();
  });
});
