/** A protobuf message, field by field. */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const WORD = 2 ** 32;

export class Message {
  private readonly writer = new BinaryWriter();

  /** A whole number from 0 to 2⁵³ − 1 as a varint: uint32, uint64, and int64 of what is not negative. */
  integer(field: number, value: number): void {
    this.writer.tag(field, WireType.Varint);
    if (value < WORD) this.writer.uint32(value);
    else this.writer.uint64(value);
  }

  double(field: number, value: number): void {
    this.writer.tag(field, WireType.Bit64).double(value);
  }

  /** 64 bits, given as two halves. */
  fixed64(field: number, low: number, high: number): void {
    this.writer.tag(field, WireType.Bit64).fixed32(low).fixed32(high);
  }

  text(field: number, value: string): void {
    this.writer.tag(field, WireType.LengthDelimited).string(value);
  }

  /** A message within, which `fill` writes. */
  message(field: number, fill: () => void): void {
    this.writer.tag(field, WireType.LengthDelimited).fork();
    fill();
    this.writer.join();
  }

  /** Fields that have been written before. */
  raw(fields: Uint8Array): void {
    this.writer.raw(fields);
  }

  /** Everything written so far; the next message begins. */
  finish(): Uint8Array {
    return this.writer.finish();
  }
}
