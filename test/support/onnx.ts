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
