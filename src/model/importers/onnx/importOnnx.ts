/** ONNX → a workload. Weights are never read; what cannot be imported is named all at once. */
import { InputError } from '../../schemas/inputError.ts';
import { nearest } from '../../schemas/nearest.ts';
import type { ByteSource } from '../byteSource.ts';
import type { ImportedNetwork } from '../importedNetwork.ts';
import { importedNetwork } from '../importedNetwork.ts';
import { shapeOf } from './axes.ts';
import { withoutShuffleReshapes } from './channelShuffle.ts';
import { sizeOfDims } from './constants.ts';
import { CONV_OPERATORS } from './convOperators.ts';
import { ELEMENTWISE_OPERATORS } from './elementwiseOperators.ts';
import { fold, isFoldable } from './folding.ts';
import { withFunctions } from './functionPatterns.ts';
import { constantNodeValue, indexGraph, neededNodes } from './graphIndex.ts';
import { type Activation, LayerBuilder, networkInput, sizesOf, Unsupported } from './layerBuilder.ts';
import { type ConstantTensor, type OnnxModel, type OnnxNode, readOnnxModel, type ValueInfo } from './model.ts';
import { isConstant, type Lowering, NodeReader, type Value } from './nodeReader.ts';
import { NORM_OPERATORS } from './normOperators.ts';
import { PART_OPERATORS } from './partOperators.ts';
import { POOL_OPERATORS } from './poolOperators.ts';
import { PRODUCT_OPERATORS } from './productOperators.ts';
import { RESHAPE_OPERATORS } from './reshapeOperators.ts';
import { RESIZE_OPERATORS } from './resizeOperators.ts';
import { withStructures } from './structurePatterns.ts';

const OPERATORS: Readonly<Record<string, Lowering>> = {
  ...CONV_OPERATORS,
  ...POOL_OPERATORS,
  ...RESIZE_OPERATORS,
  ...PRODUCT_OPERATORS,
  ...ELEMENTWISE_OPERATORS,
  ...NORM_OPERATORS,
  ...RESHAPE_OPERATORS,
  ...PART_OPERATORS,
};

/** The operators that can be imported. */
export const ONNX_OPERATORS: readonly string[] = Object.keys(OPERATORS);

/** What is not supported, with how often it is there and where first. */
class Refusals {
  private readonly found = new Map<string, { count: number; first: string }>();

  note(what: string, node: string): void {
    const known = this.found.get(what);
    this.found.set(what, { count: (known?.count ?? 0) + 1, first: known?.first ?? node });
  }

  throwIfAny(file: string): void {
    if (this.found.size === 0) return;
    const kinds = [...this.found].map(([what, { count, first }]) => {
      const near = nearest(what, ONNX_OPERATORS);
      return `${count} × ${what} (first: ${first}${near === undefined ? '' : `; ${near} can be`})`;
    });
    throw new InputError({
      file,
      path: '',
      expected: `only operators that can be imported; these cannot: ${kinds.join(', ')}`,
    });
  }
}

/** The one input that the nodes read, with its sizes; the batch is 1 where it is a symbol. */
function inputOf(model: OnnxModel, nodes: readonly OnnxNode[], file: string): { name: string; input: Activation } {
  const complain = (path: string, value: unknown, expected: string): never => {
    throw new InputError({ file, path, value, expected });
  };
  const isRead = new Set(nodes.flatMap((node) => node.inputs));
  const read = model.inputs.filter(({ name }) => isRead.has(name));
  const [info, ...others] = read;
  if (info === undefined || others.length > 0) {
    return complain(
      'graph.input',
      read.map(({ name }) => name),
      'one input that nodes read',
    );
  }
  const { name, dims } = info;
  if (dims === undefined) return complain(name, dims, 'an input tensor with sizes');
  const sizes = dims.map((size, axis) => (axis === 0 && typeof size === 'string' ? 1 : size));
  if (sizes.some((size) => typeof size === 'string')) {
    return complain(name, dims, 'fixed sizes (the batch alone may be a symbol): export the model with them');
  }
  if (sizes.length < 2 || sizes.length > 4) complain(name, dims, 'images, rows of channels, or vectors: 2 to 4 axes');
  const known = sizes as number[];
  if (!Number.isSafeInteger(sizeOfDims(known))) complain(name, dims, 'fewer than 2^53 elements');
  return { name, input: networkInput(known, channelAxis(name, known.length, nodes)) };
}

/** The channels are the second axis, unless a transpose is about to make them that, or nothing convolves rows of them. */
function channelAxis(input: string, rank: number, nodes: readonly OnnxNode[]): number {
  const readers = nodes.filter((node) => node.inputs.includes(input));
  const moved = readers.find((node) => node.op === 'Transpose')?.attributes.get('perm');
  if (rank === 4 && Array.isArray(moved) && moved[1] === 3) return 3;
  const isOfRows = rank === 3 && !readers.some(({ op }) => op === 'Conv' || op === 'BatchNormalization');
  return isOfRows ? 2 : 1;
}

/** Reads the nodes one after the other. */
class Importer {
  private readonly model: OnnxModel;
  private readonly file: string;
  private readonly build = new LayerBuilder();
  private readonly refusals = new Refusals();
  private readonly values = new Map<string, Value>();
  /** What comes of a node that is refused: nobody asks what comes of it in turn. */
  private readonly unknown = new Set<string>();
  private readonly written: ReadonlyMap<string, ValueInfo>;

  constructor(model: OnnxModel, file: string) {
    this.model = model;
    this.file = file;
    this.written = new Map([...model.valueInfo, ...model.outputs].map((info) => [info.name, info]));
  }

  private valueOf(tensor: string): Value | undefined {
    return tensor === '' ? undefined : (this.values.get(tensor) ?? this.model.initializers.get(tensor));
  }

  /** A node of constants alone: its value, or undefined where it is not known how it is computed. */
  private folded(read: NodeReader): ConstantTensor | undefined {
    const { node, values } = read;
    if (node.op === 'Constant') return constantNodeValue(node);
    if (!values.every((value) => value === undefined || isConstant(value))) return undefined;
    return fold({
      node,
      inputs: values as ConstantTensor[],
      numbers: (attribute, input) => read.numbers(attribute, input),
      attribute: (name, otherwise) => read.number(name, otherwise),
    });
  }

  /** The values of a node's outputs; undefined if it is refused. */
  private outputsOf(node: OnnxNode): readonly Value[] | undefined {
    const read = new NodeReader(
      node,
      node.inputs.map((input) => this.valueOf(input)),
      { opset: this.model.opset, file: this.file },
      this.build,
    );
    try {
      const known = this.folded(read);
      if (known !== undefined) return [known];
      const lower = Object.hasOwn(OPERATORS, node.op) ? OPERATORS[node.op] : undefined;
      if (lower === undefined)
        throw new Unsupported(isFoldable(node.op) || node.op === 'Constant' ? `${node.op} here` : node.op);
      const outputs = lower(read, this.build);
      return Array.isArray(outputs) ? (outputs as readonly Value[]) : [outputs as Value];
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      this.refusals.note(error.what, node.name);
      return undefined;
    }
  }

  private check(name: string, value: Value): void {
    const info = this.written.get(name)?.dims;
    if (info === undefined || isConstant(value) || value.padding !== undefined) return;
    const sizes = sizesOf(value.axes);
    const agrees =
      info.length === sizes.length &&
      info.every(
        (size, place) =>
          typeof size === 'string' || size === sizes[place] || value.axes[place]!.some(({ kind }) => kind === 'image'),
      );
    if (!agrees) throw new InputError({ file: this.file, path: name, value: info, expected: `[${sizes.join(', ')}]` });
  }

  read(nodes: readonly OnnxNode[], input: { readonly name: string; readonly input: Activation }): void {
    this.values.set(input.name, input.input);
    for (const node of nodes) {
      if (node.inputs.some((name) => this.unknown.has(name))) {
        if (!Object.hasOwn(OPERATORS, node.op) && !isFoldable(node.op)) this.refusals.note(node.op, node.name);
        for (const name of node.outputs) this.unknown.add(name);
        continue;
      }
      const outputs = this.outputsOf(node);
      for (const [place, name] of node.outputs.entries()) {
        const value = outputs?.[place];
        if (value === undefined) this.unknown.add(name);
        else {
          this.values.set(name, value);
          this.check(name, value);
        }
      }
    }
    this.refusals.throwIfAny(this.file);
  }

  /** The layers, once all nodes are read. */
  finish(): LayerBuilder {
    for (const { name } of this.model.outputs) {
      const value = this.values.get(name);
      if (value === undefined && !this.model.initializers.has(name)) {
        const expected = 'an output that can be imported, not a second one of its node';
        throw new InputError({ file: this.file, path: name, expected });
      }
      if (value !== undefined && !isConstant(value)) this.build.withPadding(value);
    }
    return this.build;
  }
}

/** Elements of the float initializers that nodes use, each counted once however many use it. */
function parametersOf(model: OnnxModel, nodes: readonly OnnxNode[]): number {
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return [...model.initializers].reduce(
    (sum, [name, { dims, isFloat }]) => sum + (isFloat && used.has(name) ? sizeOfDims(dims) : 0),
    0,
  );
}

/**
 * Reads an ONNX model. `name` is what the workload is called, `file` what messages call it. Throws an InputError where it
 * is broken, contradicts itself, or holds what cannot be imported.
 */
export function importOnnx(source: ByteSource, file: string, name: string): ImportedNetwork {
  const model = readOnnxModel(source, file);
  const nodes = neededNodes(model, file);
  const structured = withStructures(nodes, indexGraph(nodes, model));
  const whole = withFunctions(structured, indexGraph(structured, model));
  const input = inputOf(model, whole, file);
  const importer = new Importer(model, file);
  importer.read(whole, input);
  const { layers, outputSizes } = withoutShuffleReshapes(importer.finish());
  if (layers.length === 0)
    throw new InputError({ file, path: 'graph.node', expected: 'a node that computes something' });
  return importedNetwork(
    { name, parameters: parametersOf(model, nodes), input: shapeOf(input.input.placement), layers },
    { file, outputSizes },
  );
}
