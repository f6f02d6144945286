/** What stands left of the timeline: the rows' names, whether their component is folded or pinned, and scales. */

import { measureText, mostOf } from './measure.ts';
import type { Row } from './rows.ts';
import { scheme } from './scheme.ts';

/** In CSS pixels: names, then scales. */
export interface Gutter {
  readonly width: number;
  /** The part of it that scales take. */
  readonly scaleWidth: number;
}

const WIDE: Gutter = { width: 224, scaleWidth: 100 };
/** Where there is no room for scales. */
const NARROW: Gutter = { width: 126, scaleWidth: 6 };
const NARROW_PIXELS = 720;

export const FONT = '11px system-ui, sans-serif';
const SCALE_FONT = '9px system-ui, sans-serif';
/** Rows of at least this height have a scale with both ends. */
const SCALED_HEIGHT = 18;
/** Where the sign of a component is that folds or opens it, and how wide. */
const FOLD_LEFT = 8;
export const FOLD_WIDTH = 22;
/** The mark of a second run's rows. */
const SECOND_WIDTH = 3;
const SIGNS = { open: '▾', folded: '▸' } as const;

/** The gutter of a canvas of some width. */
export function gutterOf(canvas: HTMLCanvasElement): Gutter {
  return canvas.clientWidth < NARROW_PIXELS ? NARROW : WIDE;
}

export interface GutterRow {
  readonly row: Row;
  /** On the canvas. */
  readonly top: number;
  readonly isCurrent: boolean;
}

/** Draws the gutter of one row. */
export function drawGutterRow(
  context: CanvasRenderingContext2D,
  { width, scaleWidth }: Gutter,
  { row, top, isCurrent }: GutterRow,
): void {
  const { text, quiet, focus } = scheme().page;
  const middle = top + row.height / 2;
  if (row.run.name === 'B') {
    context.fillStyle = focus;
    context.fillRect(0, top, SECOND_WIDTH, row.height);
  }
  context.textAlign = 'left';
  context.font = FONT;
  context.fillStyle = quiet;
  if (row.fold !== undefined) context.fillText(SIGNS[row.fold], FOLD_LEFT, middle);
  context.textAlign = 'right';
  context.fillStyle = isCurrent ? text : quiet;
  context.fillText(`${isCurrent ? '▸ ' : ''}${row.label}`, width - scaleWidth, middle);
  if (row.kind === 'measure' && scaleWidth === WIDE.scaleWidth) {
    context.font = SCALE_FONT;
    context.fillStyle = quiet;
    const most = measureText(row, mostOf(row));
    const right = width - 5;
    if (row.height < SCALED_HEIGHT) {
      context.fillText(`at most ${most}`, right, middle);
    } else {
      context.fillText(row.measure === 'occupancy' ? `100 % = ${most}` : most, right, top + 4);
      context.fillText('0', right, top + row.height - 4);
    }
  }
  context.textAlign = 'left';
}
