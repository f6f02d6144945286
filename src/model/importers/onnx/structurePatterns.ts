/** Layer norms and biases that exporters write out as several operators, put together again. */
import type { GraphIndex } from './graphIndex.ts';
import type { Attribute, OnnxNode } from './model.ts';

/** The only node that reads what this one makes; undefined if there are others, or it is an output. */
function onlyConsumer(node: OnnxNode, index: GraphIndex): OnnxNode | undefined {
  const [output] = node.outputs;
  if (output === undefined || index.outputs.has(output)) return undefined;
  const consumers = new Set(index.consumers.get(output));
  return consumers.size === 1 ? [...consumers][0] : undefined;
}

/** The other operand of a node of two, where the tensor is one of them. */
function otherOperand(node: OnnxNode, tensor: string): string | undefined {
  const [a, b, ...more] = node.inputs;
  if (a === undefined || b === undefined || more.length > 0 || a === b) return undefined;
  return a === tensor ? b : b === tensor ? a : undefined;
}

/** A constant vector: its name. */
function constantVector(tensor: string | undefined, index: GraphIndex): string | undefined {
  return tensor !== undefined && index.constantOf(tensor)?.dims.length === 1 ? tensor : undefined;
}

/** `x − mean(x)` over the last axis. */
function centred(tensor: string | undefined, index: GraphIndex): { x: string; nodes: OnnxNode[] } | undefined {
  const sub = tensor === undefined ? undefined : index.producers.get(tensor);
  if (sub?.op !== 'Sub') return undefined;
  const [x, meanOfX] = sub.inputs;
  const mean = meanOfX === undefined ? undefined : index.producers.get(meanOfX);
  if (x === undefined || mean?.op !== 'ReduceMean' || mean.inputs[0] !== x || !isOverLastAxis(mean, index)) {
    return undefined;
  }
  return { x, nodes: [mean, sub] };
}

function isOverLastAxis(node: OnnxNode, index: GraphIndex): boolean {
  const given: Attribute | readonly number[] | undefined =
    node.attributes.get('axes') ?? index.constantOf(node.inputs[1] ?? '')?.values;
  return Array.isArray(given) && given.length === 1 && given[0] === -1 && node.attributes.get('keepdims') !== 0;
}

/** Div(x − μ, √(mean((x − μ)²) + ε)), then a scale and a shift: the nodes of a layer norm that ends with this division. */
function layerNorm(div: OnnxNode, index: GraphIndex): { nodes: OnnxNode[]; norm: OnnxNode } | undefined {
  if (div.op !== 'Div') return undefined;
  const [numerator, denominator] = div.inputs;
  const above = centred(numerator, index);
  const root = index.producers.get(denominator ?? '');
  const shifted = root?.op === 'Sqrt' ? index.producers.get(root.inputs[0] ?? '') : undefined;
  if (above === undefined || root === undefined || shifted?.op !== 'Add') return undefined;
  const variance = shifted.inputs
    .map((tensor) => index.producers.get(tensor))
    .find((node) => node?.op === 'ReduceMean');
  if (variance === undefined || !isOverLastAxis(variance, index)) return undefined;
  const square = index.producers.get(variance.inputs[0] ?? '');
  if (square === undefined || (square.op !== 'Pow' && square.op !== 'Mul')) return undefined;
  const below = centred(square.inputs[0], index);
  if (below?.x !== above.x) return undefined;
  const nodes = new Set([...above.nodes, ...below.nodes, square, variance, shifted, root, div]);
  const mul = onlyConsumer(div, index);
  const scale = mul?.op === 'Mul' ? constantVector(otherOperand(mul, div.outputs[0]!), index) : undefined;
  const add = mul === undefined || scale === undefined ? undefined : onlyConsumer(mul, index);
  const shift = add?.op === 'Add' ? constantVector(otherOperand(add, mul!.outputs[0]!), index) : undefined;
  const last = shift !== undefined ? add! : scale !== undefined ? mul! : div;
  if (scale !== undefined) nodes.add(mul!);
  if (shift !== undefined) nodes.add(add!);
  const inputs = [above.x, ...(scale === undefined ? [] : [scale]), ...(shift === undefined ? [] : [shift])];
  return { nodes: [...nodes], norm: { ...last, op: 'LayerNormalization', inputs, attributes: new Map() } };
}

/** MatMul by a constant, then Add of a constant vector: a linear layer with a bias, as a node of three inputs. */
function biased(matmul: OnnxNode, index: GraphIndex): { nodes: OnnxNode[]; norm: OnnxNode } | undefined {
  const add = matmul.op === 'MatMul' && matmul.inputs.length === 2 ? onlyConsumer(matmul, index) : undefined;
  if (add?.op !== 'Add') return undefined;
  const bias = constantVector(otherOperand(add, matmul.outputs[0]!), index);
  if (bias === undefined || !isWeight(matmul.inputs[1]!, index)) return undefined;
  // The name stays that of the product, whose module it is.
  return { nodes: [matmul, add], norm: { ...matmul, inputs: [...matmul.inputs, bias], outputs: add.outputs } };
}

/** A constant, or what a transpose makes of one. */
function isWeight(tensor: string, index: GraphIndex): boolean {
  if (index.constantOf(tensor) !== undefined) return true;
  const producer = index.producers.get(tensor);
  return producer?.op === 'Transpose' && index.constantOf(producer.inputs[0] ?? '') !== undefined;
}

/** The nodes with layer norms and linear layers as one node each. */
export function withStructures(nodes: readonly OnnxNode[], index: GraphIndex): OnnxNode[] {
  const gone = new Set<OnnxNode>();
  const added = new Map<OnnxNode, OnnxNode>();
  for (const node of nodes) {
    const found = layerNorm(node, index) ?? biased(node, index);
    if (found === undefined || found.nodes.some((each) => gone.has(each))) continue;
    const [output] = found.norm.outputs;
    const last = index.producers.get(output ?? '');
    // What is inside is nobody else's.
    const isClosed = found.nodes.every(
      (each) =>
        each === last ||
        each.outputs.every(
          (tensor) =>
            !index.outputs.has(tensor) &&
            (index.consumers.get(tensor) ?? []).every((consumer) => found.nodes.includes(consumer)),
        ),
    );
    if (last === undefined || !isClosed) continue;
    for (const each of found.nodes) gone.add(each);
    added.set(last, found.norm);
  }
  return nodes.flatMap((node) => added.get(node) ?? (gone.has(node) ? [] : [node]));
}
