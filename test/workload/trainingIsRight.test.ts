/**
 * The derived training iteration computes the right gradients, not only layers of the right size: its operations,
 * executed literally, against a plain backward pass, which is itself checked against finite differences.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simdOperation } from '../../src/model/operations/simdTable.ts';
import { parseWorkload } from '../../src/model/schemas/workload.ts';
import { buildGraph, type Graph } from '../../src/model/workload/graph.ts';
import type { Operation, Program, Tensors } from '../../src/model/workload/program.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { sample } from '../support/arbitraries.ts';
import { executeProgram, type Memory } from '../support/execute.ts';
import { networksOfAll, randomData, type TrainingData } from '../support/randomNetworks.ts';
import { type Reference, referencePass } from '../support/reference.ts';
import { elementsOf, LEARNING_RATE, type Tensor } from '../support/tensor.ts';

const cases = fc.record({
  graph: networksOfAll,
  batch: fc.integer({ min: 1, max: 3 }),
  seed: fc.integer({ min: 0, max: 999_999 }).map(String),
});

const TOLERANCE = 1e-9;

/** The largest difference, relative to the largest element or to 1, which is the size of the data. */
function difference(found: Tensor, expected: Tensor): number {
  if (elementsOf(found) !== elementsOf(expected)) return Number.POSITIVE_INFINITY;
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return found.data.reduce((most, value, place) => Math.max(most, Math.abs(value - expected.data[place]!) / scale), 0);
}

function execute(program: Program, { input, parameters, cotangents }: TrainingData): Memory {
  return executeProgram(program, new Map([['input', input], ...parameters]), cotangents);
}

/** `conv.W` → `conv.dW`. */
const gradientName = (parameter: string): string =>
  parameter.includes('.') ? parameter.replace(/\.(\w+)$/, '.d$1') : `${parameter}.d`;

/** By layer, the tensors that its backward operations read as the gradient of its output. */
function outputGradients(graph: Graph, program: Program): [layer: string, tensor: string][] {
  /** The operand that dY is of a gradient on the array. */
  const roles = ({ layer }: Graph['nodes'][number]): Record<string, 'ifmap' | 'weight'> => ({
    dX: 'ifmap',
    dX1: 'ifmap',
    dW: layer.op === 'transposed-conv' ? 'ifmap' : 'weight',
    dX2: layer.op === 'matmul' && layer.isSecondTransposed === true ? 'ifmap' : 'weight',
  });
  return graph.nodes.flatMap((node) =>
    program.operations.flatMap((operation): [string, string][] => {
      const { name } = node.layer;
      for (const [gradient, role] of Object.entries(roles(node))) {
        if (operation.name === `${name}.${gradient}.transpose`) return [[name, (operation.reads as Tensors)[role]!]];
      }
      const isOwn = operation.unit !== 'SA' && operation.name.startsWith(`${name}.`);
      return isOwn && 'dY' in operation.reads ? [[name, operation.reads['dY']!]] : [];
    }),
  );
}

const references = new WeakMap<TrainingData, Reference>();

/** What a plain backward pass gives; worked out once for the same data. */
function referenceOf(graph: Graph, data: TrainingData): Reference {
  const known = references.get(data) ?? referencePass(graph, data.input, data.parameters, data.cotangents);
  references.set(data, known);
  return known;
}

/** What is wrong with an executed iteration: nothing, if it is right. */
function mistakes(graph: Graph, program: Program, data: TrainingData): string[] {
  const memory = execute(program, data);
  const reference = referenceOf(graph, data);
  const wrong = (what: string, found: Tensor | undefined, expected: Tensor): string[] => {
    if (found === undefined) return [`${what} is missing`];
    const error = difference(found, expected);
    return error <= TOLERANCE ? [] : [`${what} is off by ${error}`];
  };
  return [
    // A parameter's own tensor has been updated in the end.
    ...graph.nodes
      .filter(({ layer }) => layer.op !== 'parameter')
      .flatMap(({ layer: { name } }) => wrong(name, memory.get(name), reference.outputs.get(name)!)),
    ...outputGradients(graph, program).flatMap(([layer, name]) =>
      wrong(name, memory.get(name), reference.outputGradients.get(layer)!),
    ),
    ...[...data.parameters].flatMap(([name, before]) => {
      const gradient = reference.parameterGradients.get(name)!;
      const after = { ...before, data: before.data.map((p, place) => p - LEARNING_RATE * gradient.data[place]!) };
      return [
        ...wrong(gradientName(name), memory.get(gradientName(name)), gradient),
        ...wrong(name, memory.get(name), after),
      ];
    }),
  ];
}

/** Operations beyond the paper's, one behind the other, from a 3×4×4 image on; another output. */
const BEYOND_THE_PAPER = (() => {
  const plane = { C: 3, H: 4, W: 4 };
  const small = { C: 3, H: 1, W: 1 };
  const layers: { name: string; op: string; inputs: string[] }[] = [];
  let last = 'add';
  const put = (name: string, op: string, more: object, ...others: string[]): void => {
    layers.push({ name, op, inputs: [last, ...others], ...more });
    last = name;
  };
  // Windows of three rows in five, one more zero behind than before.
  const kernel = { dimensions: { C: 3, KH: 3, KW: 2, OH: 4, OW: 4 }, dilation: [1, 1], padding: [1, 0, 1, 1] };
  put('lanes', 'depthwise-conv', { ...kernel, stride: 1, bias: true });
  for (const op of ['sigmoid', 'tanh', 'silu', 'gelu', 'hard-sigmoid', 'hard-swish', 'prelu', 'layer-norm']) {
    put(op, op, { dimensions: plane });
  }
  put('clip', 'clip', { dimensions: plane, min: -1.25, max: 1.5 });
  put('leaky', 'leaky-relu', { dimensions: plane, alpha: 0.25 });
  put('less', 'tensor-sub', { dimensions: plane, scalar: 0.5 });
  layers.push({ name: 'scale', op: 'parameter', inputs: [], dimensions: small } as (typeof layers)[number]);
  layers.push({ name: 'place', op: 'parameter', inputs: [], dimensions: plane } as (typeof layers)[number]);
  put('scaled', 'tensor-mul', { dimensions: plane }, 'scale');
  put('placed', 'tensor-add', { dimensions: plane }, 'place');
  const unsqueezed = last;
  put('squeeze', 'global-avg-pool', { dimensions: { C: 3, IH: 4, IW: 4 } });
  put('factor', 'sigmoid', { dimensions: small });
  last = unsqueezed;
  put('excite', 'tensor-div', { dimensions: plane }, 'factor');
  put('softmax', 'softmax', { dimensions: plane, groups: 1 });
  put('square', 'tensor-mul', { dimensions: plane }, 'placed');
  put('shuffle', 'channel-shuffle', { dimensions: plane, groups: 3 });
  put('turned', 'transpose', { dimensions: { C: 4, H: 3, W: 4 }, order: ['H', 'C', 'W'] });
  put('back', 'transpose', { dimensions: plane, order: ['H', 'C', 'W'] });
  // Cut in two and put together the other way round: its gradient is that of the pieces side by side.
  put('upper', 'slice', { dimensions: { C: 3, H: 1, W: 4 } });
  last = 'back';
  put('lower', 'slice', { dimensions: { C: 3, H: 3, W: 4 }, start: { H: 1 } });
  put('swapped', 'concat', { dimensions: plane, axis: 'H' }, 'upper');
  put('both', 'concat', { dimensions: { C: 6, H: 4, W: 4 } }, 'placed');
  put('cut', 'slice', { dimensions: { C: 3, H: 2, W: 2 }, start: { C: 2, H: 1 }, step: { W: 2 } });
  put('nearest', 'upsample', { dimensions: { C: 3, IH: 2, IW: 2, OH: 4, OW: 2 }, mode: 'nearest' });
  put('bilinear', 'upsample', { dimensions: { C: 3, IH: 4, IW: 2, OH: 4, OW: 6 }, mode: 'bilinear' });
  put('padded', 'pad', { dimensions: { C: 3, H: 5, W: 7 }, padding: [1, 1, 0, 0] });
  put('means', 'reduce-mean', { dimensions: { C: 3, H: 5, W: 7 } });
  put('reshaped', 'reshape', { dimensions: { C: 35, H: 1, W: 1 } });
  put('end', 'gemm', { dimensions: { OC: 2, IC: 35 }, bias: false });
  return layers;
})();

/** A network with every operation: stride 2 that leaves a row over, a fork, overlapping padded pools. */
const EVERYTHING: Graph = (() => {
  const plane = (C: number, H: number, W: number) => ({ C, H, W });
  const layers = [
    // (8 + 2·1 − 3) mod 2 = 1: the last padded row and column are not reached.
    {
      name: 'conv',
      op: 'conv',
      inputs: ['input'],
      stride: 2,
      padding: 1,
      bias: false,
      dimensions: { OC: 3, IC: 2, KH: 3, KW: 3, OH: 4, OW: 4 },
    },
    { name: 'bn', op: 'batch-norm', inputs: ['conv'], dimensions: plane(3, 4, 4) },
    { name: 'relu', op: 'relu', inputs: ['bn'], dimensions: plane(3, 4, 4) },
    {
      name: 'branch',
      op: 'conv',
      inputs: ['relu'],
      stride: 1,
      padding: 1,
      bias: true,
      dimensions: { OC: 3, IC: 3, KH: 3, KW: 3, OH: 4, OW: 4 },
    },
    // Windows of five columns, one more zero behind than before.
    {
      name: 'grouped',
      op: 'conv',
      inputs: ['branch'],
      stride: 1,
      dilation: [1, 2],
      padding: [0, 1, 0, 3],
      groups: 3,
      bias: true,
      dimensions: { OC: 6, IC: 3, KH: 1, KW: 3, OH: 4, OW: 4 },
    },
    // (4 − 1)·2 − 4 + 2 = 4 rows.
    {
      name: 'transposed',
      op: 'transposed-conv',
      inputs: ['grouped'],
      stride: [2, 1],
      padding: [2, 0],
      groups: 3,
      bias: true,
      dimensions: { OC: 3, IC: 6, KH: 2, KW: 1, OH: 4, OW: 4 },
    },
    { name: 'add', op: 'tensor-add', inputs: ['transposed', 'relu'], dimensions: plane(3, 4, 4) },
    {
      name: 'max',
      op: 'max-pool',
      inputs: ['add'],
      stride: 1,
      padding: 1,
      dimensions: { C: 3, KH: 3, KW: 3, OH: 4, OW: 4 },
    },
    {
      name: 'avg',
      op: 'avg-pool',
      inputs: ['max'],
      stride: 1,
      padding: 0,
      dimensions: { C: 3, KH: 2, KW: 2, OH: 3, OW: 3 },
    },
    // One head that attends to itself: another output.
    { name: 'rows', op: 'gemm', inputs: ['avg'], dimensions: { OC: 2, IC: 3, M: 9 }, bias: false },
    {
      name: 'scores',
      op: 'matmul',
      inputs: ['rows', 'rows'],
      isSecondTransposed: true,
      dimensions: { G: 1, M: 9, IC: 2, OC: 9 },
    },
    { name: 'attended', op: 'matmul', inputs: ['scores', 'rows'], dimensions: { G: 1, M: 9, IC: 9, OC: 2 } },
    ...BEYOND_THE_PAPER,
    { name: 'dropout', op: 'dropout', inputs: ['avg'] },
    { name: 'global', op: 'global-avg-pool', inputs: ['dropout'], dimensions: { C: 3, IH: 3, IW: 3 } },
    { name: 'flatten', op: 'flatten', inputs: ['global'] },
    { name: 'fc', op: 'gemm', inputs: ['flatten'], dimensions: { OC: 2, IC: 3 }, bias: true },
  ];
  const file = 'everything.json';
  return buildGraph(parseWorkload({ name: 'everything', input: plane(2, 8, 8), layers }, file), file);
})();
const PROGRAM = trainingProgram(EVERYTHING, 2, 'exact');
const DATA = randomData(EVERYTHING, 2, 'everything');

/** Whether execution stops at the changed list, or its results are wrong. */
function isNoticed(operations: readonly Operation[]): boolean {
  try {
    return mistakes(EVERYTHING, { ...PROGRAM, operations }, DATA).length > 0;
  } catch {
    return true;
  }
}

describe('the exact training iteration, executed literally', () => {
  it('gives the gradients and updates of a plain backward pass', () => {
    fc.assert(
      fc.property(cases, ({ graph, batch, seed }) => {
        expect(mistakes(graph, trainingProgram(graph, batch, 'exact'), randomData(graph, batch, seed))).toEqual([]);
      }),
      sample(150),
    );
  });

  it('computes no gradient that no parameter needs', () => {
    fc.assert(
      fc.property(networksOfAll, (graph) => {
        // Tensors that depend on the input alone.
        const constants = new Set(['input']);
        for (const { layer } of graph.nodes) {
          const hasParameters =
            layer.op.includes('conv') || ['gemm', 'batch-norm', 'layer-norm', 'prelu', 'parameter'].includes(layer.op);
          if (!hasParameters && layer.inputs.every((name) => constants.has(name))) constants.add(layer.name);
        }
        const written = trainingProgram(graph, 2, 'exact').operations.flatMap(({ writes }) => Object.values(writes));
        for (const { layer } of graph.nodes) {
          const isNeedless = layer.inputs.every((name) => constants.has(name));
          // Algorithm 1 computes dX along with dγ and dβ; the gradient of a sum is no tensor of its own.
          // Pieces of a tensor that is cut have no gradient of their own.
          if (layer.op === 'slice') continue;
          if (['batch-norm', 'layer-norm', 'prelu'].includes(layer.op) || layer.op.startsWith('tensor-')) continue;
          if (layer.op === 'parameter') continue;
          if (layer.inputs.length > 1) {
            layer.inputs.forEach((name, place) => {
              expect(written.includes(`${layer.name}.dX${place + 1}`)).toBe(!constants.has(name));
            });
            continue;
          }
          expect(written.includes(`${layer.name}.dX`)).toBe(!isNeedless);
        }
      }),
      sample(50),
    );
  });

  it('computes the gradient of the input in the published expansion only', () => {
    const writers = (program: Program) =>
      program.operations.filter(({ writes }) => Object.values(writes).includes('conv.dX'));
    expect(writers(PROGRAM)).toEqual([]);
    expect(writers(trainingProgram(EVERYTHING, 2, 'published'))).toHaveLength(1);
  });

  it('names the tensors of each row of the operations table', () => {
    const steps = PROGRAM.operations.filter((operation) => operation.unit === 'SIMD');
    for (const { op, reads, writes } of steps) {
      const { parts } = simdOperation(op);
      const [loads, stores] = [parts.flatMap((part) => part.loads), parts.flatMap((part) => part.stores)].map(
        (operands) => new Set(operands.map(({ tensor }) => tensor)),
      );
      // X̂ is written and read again within the operation; the table does not charge the max-pool for the index.
      if (op === 'bn-grad' || op.startsWith('layer-norm')) loads!.delete('Xhat');
      // A bias is charged that need not be there.
      if (op === 'depthwise-conv' && !('bias' in reads)) loads!.delete('bias');
      if (op === 'max-pool') stores!.add('index');
      expect([op, new Set(Object.keys(reads)), new Set(Object.keys(writes))]).toEqual([op, loads, stores]);
    }
  });
});

describe('the execution of the operations', () => {
  const { operations } = PROGRAM;
  const places = operations.map((_, place) => place);

  it('is right as they are', () => {
    expect(mistakes(EVERYTHING, PROGRAM, DATA)).toEqual([]);
  });

  it('notices that any operation is missing', () => {
    const unnoticed = operations.filter((_, place) => !isNoticed(operations.toSpliced(place, 1)));
    expect(unnoticed.map(({ name }) => name)).toEqual([]);
  });

  it('notices that any operation is there twice', () => {
    const unnoticed = operations.filter((operation, place) => !isNoticed(operations.toSpliced(place, 0, operation)));
    expect(unnoticed.map(({ name }) => name)).toEqual([]);
  });

  it('notices that any size of any operation is one more', () => {
    // Every third of them; all under verify.
    const apart = process.env['SYSTOLE_VERIFY'] === '1' ? 1 : 3;
    let sizes = 0;
    operations.forEach((operation, place) => {
      if (operation.unit === 'free') return;
      for (const [dim, size] of Object.entries(operation.sizes)) {
        if (sizes++ % apart !== 0) continue;
        const changed = { ...operation, sizes: { ...operation.sizes, [dim]: size + 1 } } as Operation;
        expect([operation.name, dim, isNoticed(operations.with(place, changed))]).toEqual([operation.name, dim, true]);
      }
    });
  });

  it('notices that two neighbours have changed places, unless neither writes what the other uses', () => {
    const touches = (one: Operation, other: Operation): boolean => {
      const used = [...Object.values<string>(other.reads), ...Object.values<string>(other.writes)];
      return Object.values<string>(one.writes).some((name) => used.includes(name));
    };
    for (const place of places.slice(1)) {
      const [first, second] = [operations[place - 1]!, operations[place]!];
      const swapped = operations.with(place - 1, second).with(place, first);
      const isDependent = touches(first, second) || touches(second, first);
      expect([first.name, second.name, isNoticed(swapped)]).toEqual([first.name, second.name, isDependent]);
    }
  });

  it('notices an update before the gradient that still needs the old weights', () => {
    const isInputGradient = ({ name }: Operation): boolean => name.startsWith('fc.dX');
    const others = operations.filter((operation) => !isInputGradient(operation));
    const behindUpdate = others.findIndex(({ name }) => name === 'fc.sgd') + 1;
    const late = others.toSpliced(behindUpdate, 0, ...operations.filter(isInputGradient));
    expect(mistakes(EVERYTHING, { ...PROGRAM, operations: late }, DATA)).toContainEqual(
      expect.stringMatching(/^fc\.dX is off/),
    );
  });
});

describe('the plain backward pass', () => {
  /** Slopes of the loss of a network, a few of each tensor (all of them in a long run), and finite differences. */
  const expectSlopes = (graph: Graph, { input, parameters, cotangents }: TrainingData): void => {
    const step = 1e-5;
    const lossWith = (name: string, place: number, change: number): number => {
      const changed = (tensor: Tensor): Tensor => ({
        ...tensor,
        data: tensor.data.with(place, tensor.data[place]! + change),
      });
      const tensors = new Map([['input', input], ...parameters]);
      tensors.set(name, changed(tensors.get(name)!));
      return referencePass(graph, tensors.get('input')!, tensors, cotangents).loss;
    };
    const { parameterGradients, outputGradients: gradients } = referencePass(graph, input, parameters, cotangents);
    for (const [name, gradient] of [...parameterGradients, ['input', gradients.get('input')!] as const]) {
      const apart = process.env['SYSTOLE_VERIFY'] === '1' ? 1 : Math.ceil(gradient.data.length / 4);
      gradient.data.forEach((slope, place) => {
        if (place % apart !== 0) return;
        const found = (lossWith(name, place, step) - lossWith(name, place, -step)) / (2 * step);
        const allowed = 1e-6 * Math.max(1, Math.abs(slope));
        expect(Math.abs(found - slope), `${name}[${place}]: ${found} for ${slope}`).toBeLessThan(allowed);
      });
    }
  };

  it('agrees with finite differences of the loss', () => {
    expectSlopes(EVERYTHING, DATA);
  });

  it('agrees with them on random networks of all operations', () => {
    fc.assert(
      fc.property(networksOfAll, (graph) => {
        expectSlopes(graph, randomData(graph, 2, 'slopes'));
      }),
      sample(15),
    );
  });
});
