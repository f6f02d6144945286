import { describe, expect, it } from 'vitest';
import type { Layer } from '../../src/model/layers/layer.ts';
import { distinctOperations } from '../../src/model/tiling/distinctOperations.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

/** One PE: no channels are padded, so that different sizes stay different when they are tiled. */
const ONE_PE = { ...hardwarePreset('HT1'), array: { rows: 1, columns: 1 } };

/** How often each different tiled layer runs, by all that it is made of but its name and what it knows of its makers. */
function differentLayers(layers: readonly Layer[]): number[] {
  const times = new Map<string, number>();
  for (const { name: _, producers: __, asMade: ___, ...rest } of layers) {
    const text = JSON.stringify(rest);
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  return [...times.values()];
}

describe('identical operations of a network', () => {
  it.each([
    ['resnet50', 'inference', 43, 121],
    ['resnet50', 'training', 161, 616],
    ['resnet18', 'inference', 24, 48],
    ['resnet18', 'training', 86, 239],
  ] as const)('are listed once: %s, %s', (network, phase, different, all) => {
    const graph = graphPreset(network);
    const program = phase === 'inference' ? inferenceProgram(graph, 1) : trainingProgram(graph, 32, 'exact');
    const { list: distinct } = distinctOperations(program);
    // Counted again from what tiling makes of them.
    const layers = differentLayers(tileProgram(program, ONE_PE));
    expect([distinct.length, layers.length]).toEqual([different, different]);
    expect(distinct.map(({ times }) => times).sort()).toEqual(layers.sort());
    expect(distinct.reduce((sum, { times }) => sum + times, 0)).toBe(all);
  });
});
