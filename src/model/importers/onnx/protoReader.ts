/** Tags, numbers and lengths of protocol buffers, from a file that is read through a small window. */
import { InputError } from '../../schemas/inputError.ts';
import type { ByteSource } from '../byteSource.ts';

/** How a field's value is written. */
export const WIRE = { varint: 0, bits64: 1, lengthDelimited: 2, bits32: 5 } as const;

/** A field: its number, how it is written, and where its value lies. */
export interface ProtoField {
  readonly number: number;
  readonly wire: number;
  /** Where its tag begins. */
  readonly start: number;
  /** Where its value begins: of a length-delimited one the bytes after the length. */
  readonly valueStart: number;
  readonly end: number;
}

/** The bytes that are fetched at a time; a tensor's header fits many times. */
const WINDOW_BYTES = 1 << 16;
/** The longest varint: 64 bits, 7 a byte. */
const MOST_VARINT_BYTES = 10;

/** Reads fields of a file, and any range of its bytes. Throws an InputError where the file is none of this kind. */
export class ProtoReader {
  private readonly source: ByteSource;
  private readonly file: string;
  private window: Uint8Array = new Uint8Array(0);
  private windowStart = 0;
  private at = 0;

  constructor(source: ByteSource, file: string) {
    this.source = source;
    this.file = file;
  }

  complain(offset: number, found: string): never {
    throw new InputError({
      file: this.file,
      path: `byte ${offset}`,
      expected: `an ONNX model as protobuf, but found ${found}`,
    });
  }

  /** A range of the file. */
  bytes(start: number, end: number): Uint8Array {
    const inWindow = start >= this.windowStart && end <= this.windowStart + this.window.length;
    // A copy, so that some bytes do not keep a whole window.
    if (inWindow) return this.window.slice(start - this.windowStart, end - this.windowStart);
    return this.source.read(start, end - start);
  }

  private byte(offset: number): number {
    const place = offset - this.windowStart;
    if (place >= 0 && place < this.window.length) return this.window[place]!;
    this.window = this.source.read(offset, Math.min(WINDOW_BYTES, this.source.size - offset));
    this.windowStart = offset;
    return this.window[0]!;
  }

  /** A varint as a number: exact up to 2⁵³, which no length or tag of a file exceeds. */
  private varint(end: number): number {
    let [value, factor] = [0, 1];
    for (let count = 0; count < MOST_VARINT_BYTES; count++) {
      if (this.at >= end) this.complain(this.at, 'its end in the middle of a number');
      const byte = this.byte(this.at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.complain(this.at, 'a number of more than ten bytes');
  }

  private valueEnd(wire: number, end: number): number {
    switch (wire) {
      case WIRE.varint:
        this.varint(end);
        return this.at;
      case WIRE.bits64:
        return this.at + 8;
      case WIRE.bits32:
        return this.at + 4;
      case WIRE.lengthDelimited: {
        const length = this.varint(end);
        return this.at + length;
      }
      default:
        return this.complain(this.at, `wire type ${wire}`);
    }
  }

  /** The fields of the message that lies from `start` to `end`, one after the other. Only tags are read. */
  *fields(start: number, end: number): Generator<ProtoField> {
    for (let next = start; next < end; ) {
      this.at = next;
      const tag = this.varint(end);
      const [number, wire] = [Math.floor(tag / 8), tag % 8];
      if (number === 0) this.complain(next, 'field number 0');
      const begin = this.at;
      const valueEnd = this.valueEnd(wire, end);
      if (valueEnd > end) this.complain(next, `a field that ends at byte ${valueEnd}, beyond what holds it (${end})`);
      yield { number, wire, start: next, valueStart: wire === WIRE.lengthDelimited ? this.at : begin, end: valueEnd };
      next = valueEnd;
    }
  }
}
