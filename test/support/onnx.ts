/** ONNX models built by code, and the graphs that torchvision exported. */
import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { type ByteSource, sourceOfBytes } from '../../src/model/importers/byteSource.ts';
import type { ImportedNetwork } from '../../src/model/importers/importedNetwork.ts';
import { importOnnx } from '../../src/model/importers/onnx/importOnnx.ts';

/** Attributes by name: whole numbers, floats as `{ f: 0.5 }`, strings, lists of whole numbers. */
export type Attributes = Readonly<Record<string, number | string | readonly number[] | { readonly f: number }>>;

/** A node: operator, inputs, outputs, attributes. Its name is `n_` and its first output unless it is given. */
export interface NodeDraft {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Attributes;
  readonly name?: string;
  readonly domain?: string;
}

/** A constant: its sizes and, if it has any, values (whole numbers unless `isFloat`). */
export interface ConstantDraft {
  readonly dims: readonly number[];
  readonly values?: readonly number[];
  readonly isFloat?: boolean;
}

export interface ModelDraft {
  readonly nodes: readonly NodeDraft[];
  /** Initializers: sizes of weights, which then lie outside of the file, or constants with values. */
  readonly constants?: Readonly<Record<string, readonly number[] | ConstantDraft>>;
  readonly inputs?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs?: Readonly<Record<string, readonly (number | string)[] | null>>;
  readonly valueInfo?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly opset?: number;
}

function tensorProto(name: string, draft: readonly number[] | ConstantDraft) {
  const { dims, values, isFloat } = 'dims' in draft ? draft : { dims: draft, values: undefined, isFloat: true };
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: isFloat ? DataType.FLOAT : DataType.INT64,
    ...(values === undefined ? { dataLocation: 1 } : {}),
    ...(values !== undefined && isFloat ? { floatData: [...values] } : {}),
    ...(values !== undefined && !isFloat ? { int64Data: values.map(BigInt) } : {}),
  });
}

function attributeProto(name: string, value: Attributes[string]) {
  const at = (fields: object) => create(AttributeProtoSchema, { name, ...fields });
  if (typeof value === 'number') return at({ type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === 'string') return at({ type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ('f' in value) return at({ type: AttributeType.FLOAT, f: value.f });
  return at({ type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueInfo(name: string, dims: readonly (number | string)[] | null) {
  const shape = dims && {
    dim: dims.map((dim) =>
      typeof dim === 'string'
        ? { value: { case: 'dimParam' as const, value: dim } }
        : { value: { case: 'dimValue' as const, value: BigInt(dim) } },
    ),
  };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, ...(shape === null ? {} : { shape }) } } },
  });
}

/** The bytes of a model. Its input is `x`, 1×3×8×8, and its output `y` unless it is said otherwise. */
export function onnxBytes(draft: ModelDraft): Uint8Array {
  const { nodes, constants = {}, inputs = { x: [1, 3, 8, 8] }, outputs = { y: null }, opset = 13 } = draft;
  const model = create(ModelProtoSchema, {
    irVersion: 7n,
    opsetImport: [{ domain: '', version: BigInt(opset) }],
    graph: {
      name: 'built',
      node: nodes.map(({ op, inputs: read, outputs: made, attributes = {}, name, domain = '' }) =>
        create(NodeProtoSchema, {
          opType: op,
          domain,
          input: [...read],
          output: [...made],
          name: name ?? `n_${made[0]}`,
          attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
        }),
      ),
      initializer: Object.entries(constants).map(([name, constant]) => tensorProto(name, constant)),
      input: Object.entries(inputs).map(([name, dims]) => valueInfo(name, dims)),
      output: Object.entries(outputs).map(([name, dims]) => valueInfo(name, dims)),
      valueInfo: Object.entries(draft.valueInfo ?? {}).map(([name, dims]) => valueInfo(name, dims)),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** Imports a model that is built by code. */
export function importModel(draft: ModelDraft): ImportedNetwork {
  return importOnnx(sourceOfBytes(onnxBytes(draft)), 'built.onnx', 'built');
}

const FOLDER = new URL('../importers/onnx/', import.meta.url);

/** The bytes of an exported graph. */
export function exportedGraph(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.onnx`, FOLDER));
}

export function importExported(name: string): ImportedNetwork {
  return importOnnx(sourceOfBytes(exportedGraph(name)), `${name}.onnx`, name);
}

/** What torch says of a network: see the README beside the graphs. */
export interface Truth {
  readonly parameters: number;
  readonly onnxParameters: number;
  readonly macs: number;
  readonly layers: readonly {
    readonly name: string;
    readonly op: string;
    /** A list of shapes where the module has no window. */
    readonly inShape: readonly number[] | readonly (readonly number[])[];
    readonly outShape: readonly number[];
    readonly kernel?: readonly [number, number];
    readonly stride?: readonly [number, number];
    readonly padding?: readonly [number, number];
    readonly dilation?: readonly [number, number];
    readonly groups?: number;
    readonly bias?: boolean;
    readonly macs: number;
  }[];
}

export function truthOf(name: string): Truth {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Truth;
}

/** A file of any size that holds `bytes` where they are said to lie and zeros elsewhere; counts what is read of it. */
export function sparseSource(size: number, parts: readonly { readonly at: number; readonly bytes: Uint8Array }[]) {
  const counted = { bytesRead: 0, largestRead: 0 };
  const source: ByteSource = {
    size,
    read(offset, length) {
      counted.bytesRead += length;
      counted.largestRead = Math.max(counted.largestRead, length);
      const result = new Uint8Array(length);
      for (const { at, bytes } of parts) {
        const [from, to] = [Math.max(at, offset), Math.min(at + bytes.length, offset + length)];
        if (from < to) result.set(bytes.subarray(from - at, to - at), from - offset);
      }
      return result;
    },
  };
  return { source, counted };
}

/** A node with one output, `y` unless said otherwise. */
export const node = (
  op: string,
  inputs: readonly string[],
  attributes: NodeDraft['attributes'] = {},
  output = 'y',
): NodeDraft => ({ op, inputs, outputs: [output], attributes });

/** A scalar of single precision. */
export const f = (value: number) => ({ dims: [], values: [value], isFloat: true });
/** Whole numbers. */
export const ints = (...values: number[]) => ({ dims: [values.length], values });

/** Four rows of two heads with three channels each, as torch writes it with the batch in the middle. */
const ATTENTION: readonly NodeDraft[] = [
  node('Transpose', ['x'], { perm: [1, 0, 2] }, 'rows'),
  node('MatMul', ['rows', 'w'], {}, 'projected'),
  node('Add', ['projected', 'b'], {}, 'qkv'),
  { op: 'Split', inputs: ['qkv'], outputs: ['q', 'k', 'v'], attributes: { axis: -1 } },
  ...['q', 'k', 'v'].flatMap((name) => [
    node('Reshape', [name, 'heads'], {}, `${name}1`),
    node('Transpose', [`${name}1`], { perm: [1, 0, 2] }, `${name}2`),
  ]),
  node('Transpose', ['k2'], { perm: [0, 2, 1] }, 'k3'),
  node('Div', ['q2', 'root'], {}, 'q3'),
  node('MatMul', ['q3', 'k3'], {}, 'scores'),
  node('Softmax', ['scores'], { axis: -1 }, 'weights'),
  node('MatMul', ['weights', 'v2'], {}, 'mixed'),
  node('Transpose', ['mixed'], { perm: [1, 0, 2] }, 'mixed1'),
  node('Reshape', ['mixed1', 'flat'], {}, 'mixed2'),
  node('Gemm', ['mixed2', 'o', 'c'], { transB: 1 }, 'out'),
  node('Reshape', ['out', 'back'], {}, 'out1'),
  node('Transpose', ['out1'], { perm: [1, 0, 2] }),
];

/** Attention on `batch` images of four rows with six channels. */
export function attentionModel(batch: number): ModelDraft {
  return {
    nodes: ATTENTION,
    constants: {
      w: [6, 18],
      b: [18],
      o: [6, 6],
      c: [6],
      root: f(Math.sqrt(3)),
      heads: ints(4, 2 * batch, 3),
      flat: ints(4 * batch, 6),
      back: ints(4, batch, 6),
    },
    inputs: { x: [batch, 4, 6] },
  };
}

/** A block as mobile networks have it: depthwise, hard-swish written out, squeeze and excitation, a shuffle, a pool. */
export const MOBILE_MODEL: ModelDraft = {
  nodes: [
    node('Conv', ['x', 'w1', 'b1'], { pads: [1, 1, 1, 1], strides: [2, 2], kernel_shape: [3, 3] }, 'a'),
    node('BatchNormalization', ['a', 's', 'h', 'm', 'v'], {}, 'b'),
    node('Add', ['b', 'three'], {}, 'c'),
    node('Clip', ['c', 'zero', 'six'], {}, 'd'),
    node('Div', ['d', 'six'], {}, 'e'),
    node('Mul', ['b', 'e'], {}, 'g'),
    node('Conv', ['g', 'w2'], { group: 4, pads: [1, 1, 1, 1] }, 'i'),
    node('GlobalAveragePool', ['i'], {}, 'j'),
    node('Conv', ['j', 'w3', 'b1'], {}, 'k'),
    node('Sigmoid', ['k'], {}, 'l'),
    node('Mul', ['l', 'i'], {}, 'n'),
    node('Reshape', ['n', 'apart'], {}, 'o'),
    node('Transpose', ['o'], { perm: [0, 2, 1, 3, 4] }, 'p'),
    node('Reshape', ['p', 'together'], {}, 'q'),
    node('Pad', ['q', 'pads'], {}, 'r'),
    node('AveragePool', ['r'], { kernel_shape: [3, 3], strides: [1, 1], ceil_mode: 1 }, 't'),
    { op: 'Split', inputs: ['t', 'halves'], outputs: ['u1', 'u2'], attributes: { axis: 1 } },
    node('Concat', ['u2', 'u1', 't'], { axis: 1 }, 'y'),
  ],
  constants: {
    w1: [4, 3, 3, 3],
    b1: [4],
    s: [4],
    h: [4],
    m: [4],
    v: [4],
    w2: [4, 1, 3, 3],
    w3: [4, 4, 1, 1],
    three: f(3),
    zero: f(0),
    six: f(6),
    apart: ints(1, 2, 2, 4, 4),
    together: ints(1, -1, 4, 4),
    pads: ints(0, 0, 1, 1, 0, 0, 1, 1),
    halves: ints(2, 2),
  },
  outputs: { y: [1, 8, 4, 4] },
};

/** A block of rows: a class token, a layer norm and a GELU written out, shapes computed from the input. */
export const ROWS_MODEL: ModelDraft = {
  nodes: [
    node('Shape', ['x'], {}, 'shape'),
    node('Gather', ['shape', 'first'], {}, 'n'),
    node('Unsqueeze', ['n', 'axis0'], {}, 'n1'),
    node('Concat', ['n1', 'rest'], { axis: 0 }, 'target'),
    node('Reshape', ['x', 'target'], {}, 'flat'),
    node('Transpose', ['flat'], { perm: [0, 2, 1] }, 'rows'),
    node('Concat', ['token', 'rows'], { axis: 1 }, 'tokens'),
    node('Add', ['tokens', 'position'], {}, 'x1'),
    node('ReduceMean', ['x1'], { axes: [-1] }, 'mean'),
    node('Sub', ['x1', 'mean'], {}, 'd'),
    node('Pow', ['d', 'two'], {}, 'square'),
    node('ReduceMean', ['square'], { axes: [-1] }, 'variance'),
    node('Add', ['variance', 'epsilon'], {}, 'shifted'),
    node('Sqrt', ['shifted'], {}, 'deviation'),
    node('Div', ['d', 'deviation'], {}, 'normal'),
    node('Mul', ['normal', 'g'], {}, 'scaled'),
    node('Add', ['scaled', 'b'], {}, 'x2'),
    node('MatMul', ['x2', 'w'], {}, 'x3'),
    node('Add', ['x3', 'c'], {}, 'x4'),
    node('Div', ['x4', 'root'], {}, 'e1'),
    node('Erf', ['e1'], {}, 'e2'),
    node('Add', ['e2', 'one'], {}, 'e3'),
    node('Mul', ['x4', 'e3'], {}, 'e4'),
    node('Mul', ['e4', 'half'], {}, 'x5'),
    node('Gather', ['x5', 'first'], { axis: 1 }, 'class'),
    node('Gemm', ['class', 'o'], { transB: 1 }, 'logits'),
    node('Softmax', ['logits'], { axis: 1 }, 'y'),
  ],
  constants: {
    first: { dims: [], values: [0] },
    axis0: ints(0),
    rest: ints(3, -1),
    token: [1, 1, 3],
    position: [1, 65, 3],
    two: f(2),
    epsilon: f(1e-5),
    g: [3],
    b: [3],
    w: [3, 5],
    c: [5],
    root: f(Math.SQRT2),
    one: f(1),
    half: f(0.5),
    o: [4, 5],
  },
  outputs: { y: [1, 4] },
};
