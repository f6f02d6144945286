import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';

/** Layers that are called as gradients of others, or as what every object of the language has. */
const FILE = join(root, 'test/cases/collide.json');
const RUN = ['-c', 'HI3', '-t', FILE, '--phase', 'training', '--batch', '2'];

describe('operations whose names collide', () => {
  const graph = buildGraph(parseWorkload(JSON.parse(readFileSync(FILE, 'utf8')), FILE), FILE);
  const { operations } = trainingProgram(graph, 2, 'exact');
  const names = operations.filter(({ unit }) => unit !== 'free').map(({ name }) => name);

  it('are numbered in program order', () => {
    expect(new Set(names).size).toBe(names.length);
    // The forward layers come first; a layer that is called a.dW #2 itself leaves #3 to the gradient of a.
    expect(names.filter((name) => name.startsWith('a.dW'))).toEqual([
      'a.dW',
      'a.dW #2',
      'a.dW #2.grad',
      'a.dW.dX',
      'a.dW.dW',
      'a.dW.sgd',
      'a.dW #3',
    ]);
    // Three layers read a, so two gradients are added to the first.
    expect(names.filter((name) => name.startsWith('a.grad-sum'))).toEqual(['a.grad-sum', 'a.grad-sum #2']);
    expect(names.filter((name) => name.startsWith('toString.dW'))).toEqual([
      'toString.dW',
      'toString.dW.grad',
      'toString.dW #2',
    ]);
  });

  it('are told apart by run, check --against, diff, explain and trace', () => {
    const a = join(temporaryFolder(), 'a.json');
    expect(systole('run', ...RUN, '-o', a).status).toBe(0);
    const run = JSON.parse(readFileSync(a, 'utf8')) as {
      layers: { name: string; simulated: { totalCycles: number } }[];
    };
    expect(run.layers.map(({ name }) => name)).toEqual(names);

    const cyclesOf = (name: string): number => run.layers.find((layer) => layer.name === name)!.simulated.totalCycles;
    const lines = run.layers.map(({ name, simulated }) => `${name},${simulated.totalCycles}`);
    const against = temporaryFile('predictions.csv', lines.join('\n'));
    const checked = JSON.parse(systole('check', ...RUN, '--against', against, '--format', 'json').stdout);
    expect(checked.against.layers).toHaveLength(names.length);
    expect(checked.against.layers.every(({ error }: { error: number }) => error === 0)).toBe(true);

    const faster = `-c HI2 -t '${FILE}' --phase training --batch 2`;
    const { layers } = JSON.parse(systole('diff', '--format', 'json', '--', a, faster).stdout) as {
      layers: { name: string; cycles: { a: number } }[];
    };
    for (const name of ['a.dW', 'a.dW #2', 'a.dW #3', 'toString', '__proto__', 'constructor']) {
      const [layer, ...others] = layers.filter((each) => each.name === name);
      expect([layer?.cycles.a, others]).toEqual([cyclesOf(name), []]);
    }
    expect(systole('explain', ...RUN, '--layer', 'a.dW #3').stdout).toContain(
      `a.dW #3 (conv): ${cyclesOf('a.dW #3').toLocaleString('en-US')} cycles simulated`,
    );
    const traced = systole(
      'trace',
      ...RUN,
      '--layer',
      '__proto__',
      '--lanes',
      'pe-array',
      '--format',
      'csv',
      '-o',
      '-',
    );
    expect(traced.stdout).toContain(',__proto__,');
  });
});
