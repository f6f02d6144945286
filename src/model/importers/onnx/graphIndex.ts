/** Who makes and who reads each tensor of an ONNX graph, which nodes matter, and an order in which they can be read. */
import { InputError } from '../../schemas/inputError.ts';
import type { ConstantTensor, OnnxModel, OnnxNode } from './model.ts';

export interface GraphIndex {
  readonly producers: ReadonlyMap<string, OnnxNode>;
  readonly consumers: ReadonlyMap<string, readonly OnnxNode[]>;
  /** Names of the graph's outputs. */
  readonly outputs: ReadonlySet<string>;
  /** A tensor that is constant as it stands: an initializer, a Constant node, or either through Identity. */
  readonly constantOf: (tensor: string) => ConstantTensor | undefined;
}

/** The value of a Constant node. */
export function constantNodeValue(node: OnnxNode): ConstantTensor | undefined {
  const value = node.attributes.get('value');
  if (typeof value === 'object' && 'dims' in value) return value;
  for (const [name, isFloat] of [
    ['value_float', true],
    ['value_int', false],
    ['value_floats', true],
    ['value_ints', false],
  ] as const) {
    const found = node.attributes.get(name);
    if (typeof found === 'number') return { dims: [], values: [found], isFloat };
    if (Array.isArray(found)) return { dims: [found.length], values: found as number[], isFloat };
  }
  return undefined;
}

export function indexGraph(nodes: readonly OnnxNode[], model: OnnxModel): GraphIndex {
  const producers = new Map<string, OnnxNode>();
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const output of node.outputs) if (output !== '') producers.set(output, node);
    for (const input of node.inputs) {
      const readers = consumers.get(input);
      if (readers === undefined) consumers.set(input, [node]);
      else readers.push(node);
    }
  }
  const constantOf = (tensor: string): ConstantTensor | undefined => {
    let name = tensor;
    // An Identity that reads itself, over however many others, never ends.
    for (let steps = 0; steps <= nodes.length; steps++) {
      const initializer = model.initializers.get(name);
      if (initializer !== undefined) return initializer;
      const producer = producers.get(name);
      if (producer?.op === 'Constant') return constantNodeValue(producer);
      if (producer?.op !== 'Identity') return undefined;
      name = producer.inputs[0] ?? '';
    }
    return undefined;
  };
  return { producers, consumers, outputs: new Set(model.outputs.map(({ name }) => name)), constantOf };
}

/**
 * The nodes on which the outputs depend, each after those whose outputs it reads and otherwise as in the file. Throws an
 * InputError where a graph reads what nobody makes, or runs in a circle.
 */
export function neededNodes(model: OnnxModel, file: string): OnnxNode[] {
  const { nodes, outputs, inputs, initializers } = model;
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const given = new Set([...inputs.map(({ name }) => name), ...initializers.keys(), '']);
  const needed = new Set<OnnxNode>();
  const roots = outputs.length > 0 ? outputs.map(({ name }) => name) : nodes.flatMap((node) => node.outputs);
  const pending = [...roots];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    const maker = makers.get(tensor);
    if (maker === undefined) {
      if (given.has(tensor)) continue;
      throw new InputError({ file, path: tensor, expected: 'a tensor that the graph, a node or an initializer gives' });
    }
    if (needed.has(maker)) continue;
    needed.add(maker);
    pending.push(...maker.inputs);
  }
  return inOrder(
    nodes.filter((node) => needed.has(node)),
    makers,
    file,
  );
}

/** ONNX asks for this order; a file that has another one is read all the same. */
function inOrder(nodes: readonly OnnxNode[], makers: ReadonlyMap<string, OnnxNode>, file: string): OnnxNode[] {
  const ordered: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  for (const root of nodes) {
    const path: OnnxNode[] = [root];
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const missing = node.inputs
        .map((input) => makers.get(input))
        .find((maker) => maker !== undefined && state.get(maker) !== 'done');
      if (state.get(node) === 'done') path.pop();
      else if (missing === undefined) {
        state.set(node, 'done');
        ordered.push(node);
        path.pop();
      } else if (missing === node || state.get(missing) === 'open') {
        throw new InputError({ file, path: missing.name, expected: 'a node that does not depend on itself' });
      } else {
        state.set(node, 'open');
        path.push(missing);
      }
    }
  }
  return ordered;
}
