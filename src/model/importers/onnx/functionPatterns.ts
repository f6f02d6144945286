/**
 * Functions that exporters write out as several element-wise operators: recognised by what they compute, not by how
 * they are written. A sub-graph with one tensor going in and scalars is tried on a few numbers.
 */
import type { GraphIndex } from './graphIndex.ts';
import type { Attribute, OnnxNode } from './model.ts';

/** Φ's error function to 1.2e-7 (Numerical approximation 7.1.26 of Abramowitz and Stegun). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const hardSigmoid = (x: number, alpha = 1 / 6, beta = 0.5): number => clamp(alpha * x + beta, 0, 1);

/** What is recognised: the operator that stands for it, and its function. */
const KNOWN: Readonly<Record<string, (x: number) => number>> = {
  Silu: (x) => x * sigmoid(x),
  HardSwish: (x) => x * hardSigmoid(x),
  HardSigmoid: (x) => hardSigmoid(x),
  Gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  GeluTanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  Relu6: (x) => clamp(x, 0, 6),
};

/** Where they are tried; far enough out for every bound, and odd enough that nothing agrees by chance. */
const SAMPLES = [-7.3, -3.7, -2.9, -1.37, -0.61, -0.13, 0.29, 0.83, 1.71, 2.83, 3.31, 5.9, 7.7];
/** Single precision constants, and the error of erf. */
const TOLERANCE = 2e-5;

const numberOf = (value: Attribute | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

/** Element-wise operators by what they compute of their operands; a bound that is left out is undefined. */
const COMPUTE: Readonly<Record<string, (operands: readonly (number | undefined)[], node: OnnxNode) => number>> = {
  Add: ([a, b]) => a! + b!,
  Sub: ([a, b]) => a! - b!,
  Mul: ([a, b]) => a! * b!,
  Div: ([a, b]) => a! / b!,
  Pow: ([a, b]) => a! ** b!,
  Erf: ([x]) => erf(x!),
  Tanh: ([x]) => Math.tanh(x!),
  Sigmoid: ([x]) => sigmoid(x!),
  HardSigmoid: ([x], node) =>
    hardSigmoid(x!, numberOf(node.attributes.get('alpha'), 0.2), numberOf(node.attributes.get('beta'), 0.5)),
  Relu: ([x]) => Math.max(x!, 0),
  Clip: ([x, low, high], node) =>
    clamp(
      x!,
      low ?? numberOf(node.attributes.get('min'), Number.NEGATIVE_INFINITY),
      high ?? numberOf(node.attributes.get('max'), Number.POSITIVE_INFINITY),
    ),
  Min: (operands) => Math.min(...(operands as number[])),
  Max: (operands) => Math.max(...(operands as number[])),
};

/** More operators than any of the functions takes. */
const MOST_NODES = 12;

/** A sub-graph that ends in a node, begins with one tensor and is of no use to anybody else. */
interface Candidate {
  /** Each after those that it reads. */
  readonly nodes: readonly OnnxNode[];
  readonly input: string;
}

function scalarOf(tensor: string, index: GraphIndex): number | undefined {
  const value = index.constantOf(tensor)?.values;
  return value?.length === 1 ? value[0] : undefined;
}

/** The operators between `input` and the end; undefined where something else comes in or goes out. */
function between(end: OnnxNode, input: string, index: GraphIndex): Candidate | undefined {
  const nodes: OnnxNode[] = [];
  const seen = new Set<OnnxNode>();
  const visit = (node: OnnxNode): boolean => {
    if (seen.has(node)) return true;
    seen.add(node);
    if (seen.size > MOST_NODES || !Object.hasOwn(COMPUTE, node.op)) return false;
    for (const tensor of node.inputs) {
      if (tensor === '' || tensor === input || scalarOf(tensor, index) !== undefined) continue;
      const producer = index.producers.get(tensor);
      if (producer === undefined || !visit(producer)) return false;
    }
    nodes.push(node);
    return true;
  };
  if (!visit(end) || nodes.length < 2) return undefined;
  const isInner = (tensor: string): boolean =>
    !index.outputs.has(tensor) && (index.consumers.get(tensor) ?? []).every((consumer) => seen.has(consumer));
  const isClosed = nodes.every((node) => node === end || (node.outputs.length === 1 && isInner(node.outputs[0]!)));
  return isClosed ? { nodes, input } : undefined;
}

/** Tensors that the end depends on through a few element-wise operators, nearest first. */
function possibleInputs(end: OnnxNode, index: GraphIndex): string[] {
  const found: string[] = [];
  const pending = [end];
  const seen = new Set(pending);
  for (let node = pending.shift(); node !== undefined && seen.size <= MOST_NODES; node = pending.shift()) {
    for (const tensor of node.inputs) {
      if (tensor === '' || found.includes(tensor) || index.constantOf(tensor) !== undefined) continue;
      found.push(tensor);
      const producer = index.producers.get(tensor);
      if (producer === undefined || seen.has(producer) || !Object.hasOwn(COMPUTE, producer.op)) continue;
      seen.add(producer);
      pending.push(producer);
    }
  }
  return found;
}

/** What a candidate computes of a number. */
function evaluate({ nodes, input }: Candidate, x: number, index: GraphIndex): number {
  const values = new Map<string, number>([[input, x]]);
  let result = Number.NaN;
  for (const node of nodes) {
    const operands = node.inputs.map((tensor) =>
      tensor === '' ? undefined : (values.get(tensor) ?? scalarOf(tensor, index)),
    );
    result = COMPUTE[node.op]!(operands, node);
    for (const output of node.outputs) values.set(output, result);
  }
  return result;
}

function recognised(candidate: Candidate, index: GraphIndex): string | undefined {
  const results = SAMPLES.map((x) => evaluate(candidate, x, index));
  return Object.keys(KNOWN).find((op) =>
    SAMPLES.every((x, place) => Math.abs(results[place]! - KNOWN[op]!(x)) <= TOLERANCE * (1 + Math.abs(x))),
  );
}

/** The nodes with every written-out function as one node, named after its last. */
export function withFunctions(nodes: readonly OnnxNode[], index: GraphIndex): OnnxNode[] {
  const replaced = new Map<OnnxNode, OnnxNode | undefined>();
  // From the back, so that the largest that can be recognised is found first.
  for (const end of [...nodes].reverse()) {
    if (replaced.has(end) || !Object.hasOwn(COMPUTE, end.op) || end.outputs.length !== 1) continue;
    for (const input of possibleInputs(end, index)) {
      const candidate = between(end, input, index);
      if (candidate === undefined || candidate.nodes.some((node) => replaced.has(node))) continue;
      const op = recognised(candidate, index);
      if (op === undefined) continue;
      for (const node of candidate.nodes) replaced.set(node, undefined);
      replaced.set(end, { ...end, op, inputs: [input], attributes: new Map() });
      break;
    }
  }
  return nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : [node]));
}
