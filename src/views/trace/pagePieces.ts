/** Packed numbers in elements of the page, piece by piece, within the limit of its text. */
import type { LimitedText } from './limitedText.ts';
import { MOST_NUMBER_BYTES } from './packing.ts';
import { COUNTER_CLASS, PIECE_CLASS } from './pageData.ts';

/** Slices of a lane, or samples of a counter, in one piece. */
const COUNT_PER_PIECE = 1 << 13;
const MOST_HEAD_BYTES = 2 * MOST_NUMBER_BYTES;

/** What a piece holds. */
export type PieceKind = typeof PIECE_CLASS | typeof COUNTER_CLASS;

/** Packs records until somebody takes them. */
export interface Packer {
  readonly count: number;
  readonly bytes: number;
  take(): Uint8Array;
}

function pieceText(kind: PieceKind, base64: string): string {
  return `<script type="text/plain" class="${kind}">${base64}</script>\n`;
}

/** What a piece takes in the file at most, with so many bytes of records in it. */
export function pieceBytes(bytes: number): number {
  const frame = Math.max(pieceText(PIECE_CLASS, '').length, pieceText(COUNTER_CLASS, '').length);
  return frame + 4 * Math.ceil((bytes + MOST_HEAD_BYTES) / 3);
}

const sizeOf = ({ count, bytes }: Packer): number => (count === 0 ? 0 : pieceBytes(bytes));

export class PagePieces {
  private readonly text: LimitedText;
  private readonly toBase64: (bytes: Uint8Array) => string;
  /** What the pieces that are not written yet will take. */
  private pendingBytes = 0;

  constructor(text: LimitedText, toBase64: (bytes: Uint8Array) => string) {
    this.text = text;
    this.toBase64 = toBase64;
  }

  /** Whether a record of so many numbers has room, in a piece of its own if need be. */
  hasRoomFor(numbers: number): boolean {
    return this.text.hasRoom(this.pendingBytes + pieceBytes(numbers * MOST_NUMBER_BYTES));
  }

  /** `add` adds a record to the packer; the piece goes out once it is long enough. */
  put(kind: PieceKind, packer: Packer, add: () => void): void {
    this.pendingBytes -= sizeOf(packer);
    add();
    this.pendingBytes += sizeOf(packer);
    if (packer.count === COUNT_PER_PIECE) this.flush(kind, packer);
  }

  /** Writes what a packer holds. */
  flush(kind: PieceKind, packer: Packer): void {
    if (packer.count === 0) return;
    this.pendingBytes -= sizeOf(packer);
    this.text.write(pieceText(kind, this.toBase64(packer.take())));
  }
}
