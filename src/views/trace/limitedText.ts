/** A file, of text or of bytes, that never gets longer than a number of bytes, some of which are kept for its end. */
import { InputError } from '../../model/schemas/inputError.ts';
import type { WriteBytes, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

const BYTES_PER_MEGABYTE = 1e6;

class LimitedPieces<Piece> {
  private bytes = 0;
  private reserved = 0;
  private isFull = false;
  private readonly mostBytes: number;
  private readonly writePiece: (piece: Piece) => void;
  private readonly bytesOf: (piece: Piece) => number;

  constructor(write: (piece: Piece) => void, bytesOf: (piece: Piece) => number, mostMegabytes: number) {
    this.writePiece = write;
    this.bytesOf = bytesOf;
    this.mostBytes = mostMegabytes * BYTES_PER_MEGABYTE;
  }

  /** Keeps room for what comes at the end. Throws an InputError if there is none. */
  reserve(bytes: number): void {
    this.reserved += bytes;
    const least = this.bytes + this.reserved;
    if (least <= this.mostBytes) return;
    throw new InputError({
      file: '--max-size',
      path: '',
      value: this.mostBytes / BYTES_PER_MEGABYTE,
      expected: `at least ${Math.ceil(least / BYTES_PER_MEGABYTE)}: so many MB hold the file without any slice`,
    });
  }

  /** Keeps a share of the room that is left for a part that comes later; returns how much that is. */
  setAside(share: number): number {
    const bytes = Math.floor(share * Math.max(this.mostBytes - this.bytes - this.reserved, 0));
    this.reserved += bytes;
    return bytes;
  }

  /** That part comes now: what was kept for it is free, whatever had no room before. */
  release(bytes: number): void {
    this.reserved -= bytes;
    this.isFull = false;
  }

  /** Whether so many bytes more have room. Once they do not, nothing has any more: what is there has no gaps. */
  hasRoom(bytes: number): boolean {
    if (this.bytes + this.reserved + bytes > this.mostBytes) this.isFull = true;
    return !this.isFull;
  }

  /** Keeps room for more at the end, if there is any left. */
  tryReserve(bytes: number): boolean {
    if (!this.hasRoom(bytes)) return false;
    this.reserved += bytes;
    return true;
  }

  /** Writes a piece that has room; returns whether it has. */
  tryWrite(piece: Piece): boolean {
    const bytes = this.bytesOf(piece);
    if (!this.hasRoom(bytes)) return false;
    this.bytes += bytes;
    this.writePiece(piece);
    return true;
  }

  /** Writes what no room is asked for: the head, and what room has been reserved for. */
  write(piece: Piece): void {
    this.bytes += this.bytesOf(piece);
    this.writePiece(piece);
  }

  /** Writes a piece for which so much room, or a little more than it takes, has been reserved before. */
  writeReserved(piece: Piece, reserved: number): void {
    this.reserved -= reserved;
    this.write(piece);
  }
}

export class LimitedText extends LimitedPieces<string> {
  constructor(write: WriteText, mostMegabytes: number) {
    super(write, utf8Bytes, mostMegabytes);
  }
}

export class LimitedBytes extends LimitedPieces<Uint8Array> {
  constructor(write: WriteBytes, mostMegabytes: number) {
    super(write, ({ length }) => length, mostMegabytes);
  }
}
