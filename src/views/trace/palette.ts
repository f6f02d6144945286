/**
 * The colours of traces: one per resource, shared by what it does and what is waited for because of it, for a light
 * and for a dark background. Each has a contrast of 3:1 at least to its background. Paints of one unit stay apart
 * (CIELAB distance over 20) for normal, protan, deutan and tritan vision, and so does a refresh from all that a DRAM
 * channel serves; those of different units do for normal vision.
 */
import type { What } from './pageData.ts';

/** A colour per scheme, and what it stands for. */
export interface PaintColours {
  readonly light: string;
  readonly dark: string;
  readonly text: string;
  /** Drawn in stripes: a slot that holds what the plain colour moves, or a wait that has no colour of its own. */
  readonly isStriped?: true;
}

const moved = {
  weight: { light: '#d17800', dark: '#fac158', text: 'weight' },
  bias: { light: '#6e2613', dark: '#b05c40', text: 'bias' },
  ifmap: { light: '#df5543', dark: '#e44311', text: 'ifmap' },
  psumLoad: { light: '#c174b3', dark: '#f164bc', text: 'psumLoad' },
  vmemLoad: { light: '#739956', dark: '#acec92', text: 'vmemLoad' },
} as const satisfies Record<string, PaintColours>;

const COLOURS = {
  sa: { light: '#3d57d4', dark: '#8396ff', text: 'PE array computes' },
  fill: { light: '#1c93ea', dark: '#68d0ff', text: 'pipeline fill' },
  simd: { light: '#016b86', dark: '#2d98af', text: 'SIMD array computes' },
  ...moved,
  outputSlot: { light: '#3303b5', dark: '#7d4ff3', text: 'psum and ofmap store, outputSlot' },
  hazard: { light: '#720080', dark: '#ac47ba', text: 'hazard' },
  vmemStore: { light: '#4b6100', dark: '#7aa43a', text: 'vmemStore' },
  barrier: { light: '#9b8984', dark: '#bcb0a4', text: 'barrier' },
  drain: { light: '#5f434b', dark: '#7d686e', text: 'drain' },
  refresh: { light: '#844dab', dark: '#0ac07c', text: 'refresh' },
  heldWeight: { ...moved.weight, text: 'slot holds weight', isStriped: true },
  heldBias: { ...moved.bias, text: 'slot holds bias', isStriped: true },
  heldIfmap: { ...moved.ifmap, text: 'slot holds ifmap', isStriped: true },
  heldPsum: { ...moved.psumLoad, text: 'slot holds psum', isStriped: true },
  heldOperands: { ...moved.vmemLoad, text: 'slot holds SIMD operands', isStriped: true },
  instructions: { light: '#1c93ea', dark: '#68d0ff', text: 'instructions', isStriped: true },
  producer: { light: '#9b8984', dark: '#bcb0a4', text: 'producer', isStriped: true },
  obufTile: { light: '#720080', dark: '#ac47ba', text: 'obufTile', isStriped: true },
  noWork: { light: '#5f434b', dark: '#7d686e', text: 'noWork', isStriped: true },
  other: { light: '#261818', dark: '#fef4ef', text: 'other' },
} as const satisfies Record<string, PaintColours>;

export type Paint = keyof typeof COLOURS;
export const PALETTE: Readonly<Record<Paint, PaintColours>> = COLOURS;
export const PAINTS = Object.keys(PALETTE) as Paint[];

/** Black or white, whichever is read more easily on a colour (WCAG's relative luminance). */
export function textOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5].map((place) => {
    const value = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) ** 2 > 0.05 * 1.05 ? '#000' : '#fff';
}

/** The paint of a tensor that travels. */
function paintOfMove(tensor: string, isStore: boolean): Paint {
  switch (tensor) {
    case 'weight':
    case 'bias':
    case 'ifmap':
      return tensor;
    case 'psum':
    case 'ofmap':
      return isStore ? 'outputSlot' : 'psumLoad';
    default:
      return isStore ? 'vmemStore' : 'vmemLoad';
  }
}

/** The paint of a tensor that lies in a slot. */
function paintOfHold(tensor: string): Paint {
  switch (tensor) {
    case 'weight':
      return 'heldWeight';
    case 'bias':
      return 'heldBias';
    case 'ifmap':
      return 'heldIfmap';
    case 'psum':
    case 'ofmap':
      return 'heldPsum';
    default:
      return 'heldOperands';
  }
}

/** The paint of a slice on any lane; what the palette does not know is `other`. */
export function paintOf({ kind, tensor, cause }: What, unit: 'SA' | 'SIMD'): Paint {
  switch (kind) {
    case 'layer':
    case 'compute':
    case 'pass':
    case 'instruction':
      return unit === 'SA' ? 'sa' : 'simd';
    case 'refresh':
      return kind;
    case 'wait':
      return Object.hasOwn(PALETTE, cause) ? (cause as Paint) : 'other';
    case 'load':
    case 'read':
      return paintOfMove(tensor, false);
    case 'store':
    case 'write':
      return paintOfMove(tensor, true);
    case 'hold':
      return paintOfHold(tensor);
    default:
      return 'other';
  }
}
