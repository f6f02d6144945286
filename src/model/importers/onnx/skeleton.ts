/**
 * An ONNX file without its weights: the same message, but for the data of all large tensors. What is left of a file of
 * gigabytes is some hundred kilobytes, which the protobuf library parses as a whole.
 */
import type { ByteSource } from '../byteSource.ts';
import { type ProtoField, ProtoReader, WIRE } from './protoReader.ts';

/** A message of an ONNX file, by what of it must be looked into: its fields that hold messages, by number. */
interface MessageKind {
  readonly within: Readonly<Record<number, () => MessageKind>>;
  /** Fields left out when the whole message is large: the data of a tensor, in each of its types. */
  readonly data?: ReadonlySet<number>;
}

/** Tensors up to this size keep their data: shapes, bounds, scales and other numbers that a graph computes with. */
const SMALL_TENSOR_BYTES = 4096;

/** More than this without weights is no model that anybody wants to read. */
const MOST_BYTES = 1 << 26;

/** Graphs within graphs (If, Loop) deeper than this are no sensible file. */
const DEEPEST = 32;

// Field numbers are those of onnx.proto. float, int32, string, int64, raw, double and uint64 data.
const tensor: MessageKind = { within: {}, data: new Set([4, 5, 6, 7, 9, 10, 11]) };
const sparseTensor: MessageKind = { within: { 1: () => tensor, 2: () => tensor } };
const attribute: MessageKind = {
  within: {
    5: () => tensor,
    6: () => graph,
    10: () => tensor,
    11: () => graph,
    22: () => sparseTensor,
    23: () => sparseTensor,
  },
};
const node: MessageKind = { within: { 5: () => attribute } };
const graph: MessageKind = { within: { 1: () => node, 5: () => tensor, 15: () => sparseTensor } };
const functionBody: MessageKind = { within: { 7: () => node } };
const trainingInfo: MessageKind = { within: { 1: () => graph, 2: () => graph } };
const model: MessageKind = { within: { 7: () => graph, 20: () => trainingInfo, 25: () => functionBody } };

/** Collects bytes to write, back to front: the length of a message is known only when it is written. */
class Pieces {
  private readonly pieces: Uint8Array[] = [];
  length = 0;

  add(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }

  addAll(others: Pieces): void {
    for (const piece of others.pieces) this.add(piece);
  }

  joined(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** The fields of a message, those without large data as they are. */
function withoutData(reader: ProtoReader, kind: MessageKind, start: number, end: number, depth: number): Pieces {
  if (depth > DEEPEST) reader.complain(start, `messages ${DEEPEST} deep`);
  const kept = new Pieces();
  const isLarge = end - start > SMALL_TENSOR_BYTES;
  // What lies together is copied together.
  let [from, to] = [start, start];
  const flush = (): void => {
    if (to === from) return;
    if (kept.length + to - from > MOST_BYTES)
      reader.complain(from, `more than ${MOST_BYTES} bytes that are no weights`);
    kept.add(reader.bytes(from, to));
  };
  for (const field of reader.fields(start, end)) {
    const inner = field.wire === WIRE.lengthDelimited ? kind.within[field.number] : undefined;
    const isLeftOut = isLarge && kind.data?.has(field.number) === true;
    if (!isLeftOut && (inner === undefined || field.end - field.start <= SMALL_TENSOR_BYTES)) {
      to = field.end;
      continue;
    }
    flush();
    if (!isLeftOut && inner !== undefined) addInner(reader, field, inner(), depth, kept);
    [from, to] = [field.end, field.end];
  }
  flush();
  return kept;
}

function addInner(reader: ProtoReader, field: ProtoField, kind: MessageKind, depth: number, kept: Pieces): void {
  const inner = withoutData(reader, kind, field.valueStart, field.end, depth + 1);
  kept.add(varintBytes(field.number * 8 + WIRE.lengthDelimited));
  kept.add(varintBytes(inner.length));
  kept.addAll(inner);
}

/** The file without the data of large tensors; throws an InputError that names the byte where it is no protobuf. */
export function skeletonOf(source: ByteSource, file: string): Uint8Array {
  const reader = new ProtoReader(source, file);
  return withoutData(reader, model, 0, source.size, 0).joined();
}
