/** An ONNX model as plain data: nodes, named tensors of known values, and what flows in and out. */
import { fromBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { InputError } from '../../schemas/inputError.ts';
import type { ByteSource } from '../byteSource.ts';
import { skeletonOf } from './skeleton.ts';

/** A tensor whose sizes are known. Its values are there only where it is small and lies in the file. */
export interface ConstantTensor {
  readonly dims: readonly number[];
  readonly values: readonly number[] | undefined;
  /** Of a floating-point type: a weight, if it is an initializer. */
  readonly isFloat: boolean;
}

/** An attribute's value; graphs and other things that are not looked into are `unread`. */
export type Attribute = number | string | readonly number[] | ConstantTensor | 'unread';

export interface OnnxNode {
  /** The node's name, else that of its first output. */
  readonly name: string;
  /** The operator; with its domain, where that is not ONNX's own: `com.microsoft.FusedConv`. */
  readonly op: string;
  /** Names of tensors; empty where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

/** A tensor that flows: its name, and its sizes where the file gives them (a string is a symbol, as for the batch). */
export interface ValueInfo {
  readonly name: string;
  readonly dims: readonly (number | string)[] | undefined;
}

export interface OnnxModel {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, ConstantTensor>;
  /** Inputs that are not initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Sizes of tensors in between, where the exporter has written them. */
  readonly valueInfo: readonly ValueInfo[];
  /** Version of ONNX's own operators. */
  readonly opset: number;
}

const FLOATS: ReadonlySet<number> = new Set([DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16]);

/** Numbers of raw data, which is little-endian; undefined for types that no graph computes shapes or bounds with. */
function rawValues(raw: Uint8Array, dataType: number): number[] | undefined {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const every = (bytes: number, read: (at: number) => number): number[] =>
    Array.from({ length: Math.floor(raw.length / bytes) }, (_, place) => read(place * bytes));
  switch (dataType) {
    case DataType.FLOAT:
      return every(4, (at) => view.getFloat32(at, true));
    case DataType.DOUBLE:
      return every(8, (at) => view.getFloat64(at, true));
    case DataType.INT64:
      return every(8, (at) => Number(view.getBigInt64(at, true)));
    case DataType.INT32:
      return every(4, (at) => view.getInt32(at, true));
    case DataType.BOOL:
    case DataType.UINT8:
      return every(1, (at) => view.getUint8(at));
    default:
      return undefined;
  }
}

function storedValues(tensor: TensorProto): number[] | undefined {
  if (tensor.rawData.length > 0) return rawValues(tensor.rawData, tensor.dataType);
  switch (tensor.dataType) {
    case DataType.FLOAT:
      return tensor.floatData;
    case DataType.DOUBLE:
      return tensor.doubleData;
    case DataType.INT64:
      return tensor.int64Data.map(Number);
    case DataType.INT32:
    case DataType.BOOL:
    case DataType.UINT8:
      return tensor.int32Data;
    default:
      return undefined;
  }
}

/** Reads a model's parts, complaining by their place in it. */
class ModelReader {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  complain(path: string, value: unknown, expected: string): never {
    throw new InputError({ file: this.file, path, value, expected });
  }

  tensor(tensor: TensorProto, path: string): ConstantTensor {
    const dims = tensor.dims.map((dim) => {
      const size = Number(dim);
      return Number.isSafeInteger(size) && size >= 0 ? size : this.complain(path, String(dim), 'a size ≥ 0');
    });
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (!Number.isSafeInteger(count)) this.complain(path, dims, 'a tensor of fewer than 2^53 elements');
    const stored = tensor.dataLocation === DataLocation.EXTERNAL ? undefined : storedValues(tensor);
    return {
      dims,
      values: stored?.length === count ? stored : undefined,
      isFloat: FLOATS.has(tensor.dataType),
    };
  }

  attribute(attribute: AttributeProto, path: string): Attribute {
    switch (attribute.type) {
      case AttributeType.FLOAT:
        return attribute.f;
      case AttributeType.INT:
        return Number(attribute.i);
      case AttributeType.STRING:
        return new TextDecoder().decode(attribute.s);
      case AttributeType.FLOATS:
        return attribute.floats;
      case AttributeType.INTS:
        return attribute.ints.map(Number);
      case AttributeType.TENSOR:
        return attribute.t === undefined ? 'unread' : this.tensor(attribute.t, `${path}.${attribute.name}`);
      default:
        return 'unread';
    }
  }

  node(node: NodeProto, place: number): OnnxNode {
    const name = node.name !== '' ? node.name : (node.output[0] ?? `node${place}`);
    const isOnnx = node.domain === '' || node.domain === 'ai.onnx';
    return {
      name,
      op: isOnnx ? node.opType : `${node.domain}.${node.opType}`,
      inputs: node.input,
      outputs: node.output,
      attributes: new Map(
        node.attribute.map((attribute) => [attribute.name, this.attribute(attribute, name)] as const),
      ),
    };
  }

  valueInfo({ name, type }: ValueInfoProto): ValueInfo {
    const shape = type?.value.case === 'tensorType' ? type.value.value.shape : undefined;
    const dims = shape?.dim.map(({ value }, axis): number | string => {
      if (value.case === 'dimParam') return value.value;
      const size = value.case === 'dimValue' ? Number(value.value) : 0;
      // Some exporters write 0 or −1 for what is not fixed.
      return size > 0 ? size : `axis${axis}`;
    });
    return { name, dims };
  }

  model(model: ModelProto): OnnxModel {
    const { graph } = model;
    if (graph === undefined || graph.node.length === 0) {
      return this.complain('', undefined, 'an ONNX model with a graph of nodes');
    }
    const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, this.tensor(tensor, tensor.name)]));
    const opset = model.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
    return {
      nodes: graph.node.map((node, place) => this.node(node, place)),
      initializers,
      inputs: graph.input.filter(({ name }) => !initializers.has(name)).map((info) => this.valueInfo(info)),
      outputs: graph.output.map((info) => this.valueInfo(info)),
      valueInfo: graph.valueInfo.map((info) => this.valueInfo(info)),
      opset: Number(opset?.version ?? 1),
    };
  }
}

/** Reads an ONNX file without its weights; throws an InputError where it is none. */
export function readOnnxModel(source: ByteSource, file: string): OnnxModel {
  const skeleton = skeletonOf(source, file);
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, skeleton);
  } catch (error) {
    throw new InputError({ file, path: '', expected: `an ONNX model as protobuf (${(error as Error).message})` });
  }
  return new ModelReader(file).model(model);
}
