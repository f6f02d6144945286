import { describe, expect, it } from 'vitest';
import { parseRunFile, type RunFile } from '../../src/model/schemas/runFile.ts';
import { differenceOf, isSame } from '../../src/studies/check/difference.ts';
import { diffTable } from '../../src/views/report/diffReport.ts';

/** A layer that computes 5 cycles and waits for its last store. */
function layer(name: string, drain: number, more: object = {}): object {
  const simulated = {
    totalCycles: 5 + drain,
    computeCycles: 5,
    stallCycles: drain,
    fillCycles: 1,
    waiting: { drain },
    dramBits: { ofmap: 8 },
    sramBits: {},
    opCounts: {},
  };
  const closedForm = { totalCycles: 7, computeCycles: 5, stallCycles: 2 };
  return { name, op: 'conv', unit: 'SA', closedForm, simulated, ...more };
}

function run(layers: readonly object[], more: object = {}): RunFile {
  return parseRunFile({ hardware: 'h', workload: 'w', phase: 'inference', batch: 1, layers, ...more }, 'run.json');
}

describe('two runs', () => {
  it('in which a name occurs twice are compared occurrence by occurrence', () => {
    const difference = differenceOf(run([layer('a', 1), layer('a', 2)]), run([layer('a', 1), layer('a', 6)]));
    expect(difference.layers).toMatchObject([{ name: 'a', occurrence: 2, in: 'both', cycles: { a: 7, b: 11 } }]);
    expect(difference.cycles.difference).toBe(4);
    expect(diffTable({ a: '', b: '', ...difference }, 80)).toMatch(/a #2 +conv +7 +11 +\+4/);
  });

  it('of which one has a layer once more: it counts whole', () => {
    const { layers, cycles } = differenceOf(run([layer('a', 1)]), run([layer('a', 1), layer('a', 2)]));
    expect(layers).toMatchObject([{ name: 'a', occurrence: 2, in: 'b', cycles: { a: 0, b: 7 } }]);
    expect(cycles.difference).toBe(7);
  });

  it('in which a name is another operation have neither layer in common', () => {
    const { layers } = differenceOf(run([layer('a', 1)]), run([layer('a', 1, { op: 'gemm' })]));
    expect(layers.map(({ op, in: where }) => [op, where])).toEqual([
      ['conv', 'a'],
      ['gemm', 'b'],
    ]);
  });

  it('with the same layers differ in figures of the run alone', () => {
    const seconds = { closedForm: 1, simulated: 1 };
    const difference = differenceOf(
      run([layer('a', 1)], { seconds }),
      run([layer('a', 1)], { seconds: { ...seconds, simulated: 2 } }),
    );
    expect(difference.layers).toEqual([]);
    expect(difference.figures).toEqual({ 'seconds.simulated': { a: 1, b: 2, difference: 1 } });
    expect(isSame(difference)).toBe(false);
  });

  it('with the same figures are the same, in whatever order their layers come', () => {
    expect(isSame(differenceOf(run([layer('a', 1), layer('b', 2)]), run([layer('b', 2), layer('a', 1)])))).toBe(true);
  });
});
