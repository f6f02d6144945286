/** Broken and odd network files: bytes, messages and cells of good ones, changed at random. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TypeProto_TensorSchema,
} from 'onnx-buf';
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../src/model/engine/random.ts';
import { ONNX_OPERATORS } from '../../src/model/importers/onnx/importOnnx.ts';

type Random = seedrandom.PRNG;

/** Some bytes flipped, cut out, doubled or put in, or the end cut off. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let changed = Uint8Array.from(bytes);
  for (let count = integer(random, 1, 2); count > 0; count--) {
    const at = integer(random, 0, Math.max(changed.length - 1, 0));
    const length = integer(random, 1, 8);
    const [before, after] = [changed.subarray(0, at), changed.subarray(at)];
    switch (integer(random, 0, 11)) {
      case 0:
        changed = joined(before, after.subarray(length));
        break;
      case 1:
        changed = joined(before, after.subarray(0, length), after);
        break;
      case 2:
        changed = joined(
          before,
          Uint8Array.from({ length }, () => integer(random, 0, 255)),
          after,
        );
        break;
      case 3:
        changed = before.slice();
        break;
      default:
        changed[at] = integer(random, 0, 255);
    }
  }
  return changed;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ODD_NUMBERS = [0, 1, -1, 2, 3, 5, 7, 64, 1e6, 2 ** 31, 2 ** 53, -(2 ** 40)];
const FOREIGN_OPERATORS = [
  'Elu',
  'NonZero',
  'Loop',
  'If',
  'Erf',
  'Sqrt',
  'Where',
  'ConstantOfShape',
  'Range',
  'Constant',
  '',
];

const oddNumber = (random: Random): bigint => BigInt(choose(random, ODD_NUMBERS));

/** Every tensor's name in a graph. */
function namesOf({ node, initializer, input }: GraphProto): string[] {
  return [
    ...node.flatMap((each) => each.output),
    ...initializer.map(({ name }) => name),
    ...input.map(({ name }) => name),
    '',
  ];
}

function mutateTensor(random: Random, tensor: TensorProto): void {
  switch (integer(random, 0, 4)) {
    case 0:
      tensor.dims = tensor.dims.map((dim) => (random() < 0.5 ? dim : oddNumber(random)));
      break;
    case 1:
      tensor.dims = Array.from({ length: integer(random, 0, 6) }, () => oddNumber(random));
      break;
    case 2:
      tensor.rawData = new Uint8Array();
      tensor.int64Data = tensor.dims.map(() => oddNumber(random));
      tensor.dataType = DataType.INT64;
      break;
    case 3:
      tensor.dataType = integer(random, 0, 20);
      break;
    default:
      tensor.rawData = tensor.rawData.slice(integer(random, 0, 8));
  }
}

function mutateNode(random: Random, graph: GraphProto): void {
  const node = choose(random, graph.node);
  switch (integer(random, 0, 8)) {
    case 0:
      node.opType = choose(random, [...ONNX_OPERATORS, ...FOREIGN_OPERATORS]);
      break;
    case 1:
      node.input = node.input.map((name) => (random() < 0.5 ? name : choose(random, namesOf(graph))));
      break;
    case 2:
      node.input = node.input.slice(integer(random, 0, 2), integer(random, 1, 5));
      break;
    case 3:
      node.output = [...node.output, choose(random, namesOf(graph))].slice(integer(random, 0, 1));
      break;
    case 4:
      node.attribute = node.attribute.filter(() => random() < 0.7);
      break;
    case 5:
      node.input = [...node.input, choose(random, namesOf(graph))];
      break;
    default:
      if (node.attribute.length > 0) {
        const attribute = choose(random, node.attribute);
        attribute.i = oddNumber(random);
        attribute.ints = attribute.ints.map((value) => (random() < 0.5 ? value : oddNumber(random)));
        if (random() < 0.2) attribute.ints = [...attribute.ints, oddNumber(random)].slice(integer(random, 0, 2));
        if (random() < 0.2)
          attribute.type = choose(random, [AttributeType.INT, AttributeType.INTS, AttributeType.STRING]);
        if (attribute.t !== undefined) mutateTensor(random, attribute.t);
      }
  }
}

function mutateGraph(random: Random, model: ModelProto): void {
  const { graph } = model;
  if (graph === undefined || graph.node.length === 0) return;
  const place = integer(random, 0, graph.node.length - 1);
  switch (integer(random, 0, 9)) {
    case 0:
      graph.node.splice(place, 1);
      break;
    case 1:
      graph.node.splice(place, 0, choose(random, graph.node));
      break;
    case 2: {
      const other = integer(random, 0, graph.node.length - 1);
      [graph.node[place], graph.node[other]] = [graph.node[other]!, graph.node[place]!];
      break;
    }
    case 3:
      if (graph.initializer.length > 0) mutateTensor(random, choose(random, graph.initializer));
      break;
    case 4:
      graph.initializer = graph.initializer.filter(() => random() < 0.95);
      break;
    case 5: {
      const [input] = graph.input;
      if (input?.type?.value.case === 'tensorType') {
        const dim = Array.from({ length: integer(random, 0, 5) }, () => ({
          value: { case: 'dimValue' as const, value: oddNumber(random) },
        }));
        input.type.value.value = create(TypeProto_TensorSchema, { elemType: 1, shape: { dim } });
      }
      break;
    }
    case 6:
      for (const { name } of graph.output.slice(0, 1))
        graph.output[0]!.name = random() < 0.5 ? choose(random, namesOf(graph)) : name;
      for (const opset of model.opsetImport) opset.version = BigInt(integer(random, 1, 22));
      break;
    default:
      mutateNode(random, graph);
  }
}

/** A model that is still a message, with some of its nodes, tensors and sizes changed. */
export function mutateModel(random: Random, bytes: Uint8Array): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  for (let count = integer(random, 1, 3); count > 0; count--) mutateGraph(random, model);
  return toBinary(ModelProtoSchema, model);
}

const ODD_CELLS = ['', '0', '-1', '1', '7', '1e3', '1e30', 'x', '2:4', '"', ' ', '٣', '0x10', 'NaN', '3.5'];

/** A table with some cells, lines or characters changed. */
export function mutateText(random: Random, text: string): string {
  let lines = text.split('\n');
  for (let count = integer(random, 1, 4); count > 0; count--) {
    const at = integer(random, 0, Math.max(lines.length - 1, 0));
    const cells = (lines[at] ?? '').split(',');
    switch (integer(random, 0, 5)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, lines[at] ?? '');
        break;
      case 2:
        lines = lines.slice(0, at + 1);
        break;
      default:
        cells[integer(random, 0, cells.length - 1)] = choose(random, ODD_CELLS);
        lines[at] = cells.join(choose(random, [',', ',', ',', ';', ',,']));
    }
  }
  return lines.join('\n');
}
