import { expect, it } from 'vitest';
import { WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import { SIMD_OPS, TILE_BY_TILE } from '../../src/model/operations/simdTable.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import { buildGraph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { inputOf, layerOf, repaired } from '../../src/studies/hunt/huntCase.ts';
import { LOOP_ORDERS, loopOrderOf } from '../../src/studies/hunt/loopOrders.ts';
import { huntedOperations } from '../../src/studies/hunt/operations.ts';
import { DEFAULT_SPANS, spaceOf } from '../../src/studies/hunt/space.ts';

it('has a network for every operation but those that only take the place of another', () => {
  const instead = new Set<string>(Object.values(TILE_BY_TILE));
  const expected = ['conv', 'gemm', ...SIMD_OPS.filter((op) => !instead.has(op))];
  expect(
    huntedOperations()
      .map(({ op }) => op)
      .sort(),
  ).toEqual(expected.sort());
});

it.each(huntedOperations().map((operation) => [operation.op, operation] as const))(
  'tries %s as a workload file that is read has it',
  (op, operation) => {
    const space = spaceOf(operation, DEFAULT_SPANS, false);
    for (const value of [2, 3]) {
      const numbers = Object.fromEntries(space.names.map((name) => [name, name.startsWith('sramKiB') ? 64 : value]));
      const input = inputOf(space, repaired(space, { ...numbers, tile: 1 }));
      const { workload, hardware, phase, batch, layerName } = input;
      const written = parseWorkload(JSON.parse(JSON.stringify(workload)), 'case.json');
      const graph = buildGraph(written, 'case.json');
      const program = phase === 'training' ? trainingProgram(graph, batch, 'exact') : inferenceProgram(graph, batch);
      const read = tileProgram(program, hardware).find(({ name }) => name === layerName);
      expect(read?.op).toBe(op);
      expect(layerOf(input)).toEqual(read);
    }
  },
);

it('numbers the loop orders from the paper’s on, each once', () => {
  expect(LOOP_ORDERS).toBe(7 * 6 * 5 * 4 * 3 * 2);
  expect(loopOrderOf(0)).toEqual(WEIGHT_STATIONARY);
  // The two innermost loops exchanged; all of them reversed.
  expect(loopOrderOf(1)).toEqual(['oc', 'ic', 'kh', 'kw', 'n', 'ow', 'oh']);
  expect(loopOrderOf(LOOP_ORDERS - 1)).toEqual([...WEIGHT_STATIONARY].reverse());
  const orders = Array.from({ length: LOOP_ORDERS }, (_, number) => loopOrderOf(number).join());
  expect(new Set(orders).size).toBe(LOOP_ORDERS);
});
