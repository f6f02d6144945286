/** Packed numbers in elements of the page, piece by piece, within the limit of its text. */
import type { LimitedText } from './limitedText.ts';
import { MOST_NUMBER_BYTES } from './packing.ts';
import type { RunElements } from './pageData.ts';

/** Slices of a lane, or samples of a counter, in one piece. */
const COUNT_PER_PIECE = 1 << 13;
const MOST_HEAD_BYTES = 2 * MOST_NUMBER_BYTES;

/** What a piece holds. */
export type PieceKind = 'slices' | 'counters';

/** Packs records until somebody takes them. */
export interface Packer {
  readonly count: number;
  readonly bytes: number;
  take(): Uint8Array;
}

function pieceText(name: string, base64: string): string {
  return `<script type="text/plain" class="${name}">${base64}</script>\n`;
}

export class PagePieces {
  private readonly text: LimitedText;
  private readonly elements: RunElements;
  private readonly toBase64: (bytes: Uint8Array) => string;
  /** What the pieces that are not written yet will take. */
  private pendingBytes = 0;

  constructor(text: LimitedText, elements: RunElements, toBase64: (bytes: Uint8Array) => string) {
    this.text = text;
    this.elements = elements;
    this.toBase64 = toBase64;
  }

  /** What a piece takes in the file at most, with so many bytes of records in it. */
  bytesWith(bytes: number): number {
    const { slices, counters } = this.elements;
    const frame = Math.max(pieceText(slices, '').length, pieceText(counters, '').length);
    return frame + 4 * Math.ceil((bytes + MOST_HEAD_BYTES) / 3);
  }

  /** Whether a record of so many numbers has room, in a piece of its own if need be. */
  hasRoomFor(numbers: number): boolean {
    return this.text.hasRoom(this.pendingBytes + this.bytesWith(numbers * MOST_NUMBER_BYTES));
  }

  /** `add` adds a record to the packer; the piece goes out once it is long enough. */
  put(kind: PieceKind, packer: Packer, add: () => void): void {
    this.pendingBytes -= this.sizeOf(packer);
    add();
    this.pendingBytes += this.sizeOf(packer);
    if (packer.count === COUNT_PER_PIECE) this.flush(kind, packer);
  }

  /** Writes what a packer holds. */
  flush(kind: PieceKind, packer: Packer): void {
    if (packer.count === 0) return;
    this.pendingBytes -= this.sizeOf(packer);
    this.text.write(pieceText(this.elements[kind], this.toBase64(packer.take())));
  }

  private sizeOf({ count, bytes }: Packer): number {
    return count === 0 ? 0 : this.bytesWith(bytes);
  }
}
