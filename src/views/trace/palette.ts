/**
 * The colours of traces: one per resource, shared by what it does and what is waited for because of it, for a light
 * and for a dark background. Each has a contrast of 3:1 at least to its background. Paints of one unit stay apart
 * (CIELAB distance over 20) for normal, protan, deutan and tritan vision; what is most of most bars (compute,
 * fill, output slot or stores) still further, over 30. A refresh stays apart from all that a DRAM channel serves, and
 * paints of different units do for normal vision.
 */
import type { PathResource } from '../../studies/criticalPath/dependencyGraph.ts';
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
  weight: { light: '#cf7300', dark: '#f0b04b', text: 'weight' },
  bias: { light: '#782604', dark: '#a85e3a', text: 'bias' },
  ifmap: { light: '#e1453f', dark: '#e34400', text: 'ifmap' },
  psumLoad: { light: '#9c4b85', dark: '#e758b0', text: 'psumLoad' },
  vmemLoad: { light: '#6e9056', dark: '#ade073', text: 'vmemLoad' },
} as const satisfies Record<string, PaintColours>;

const COLOURS = {
  sa: { light: '#1437b4', dark: '#779cfb', text: 'PE array computes' },
  fill: { light: '#0498bf', dark: '#56ffab', text: 'pipeline fill' },
  simd: { light: '#133d5b', dark: '#0093a7', text: 'SIMD array computes' },
  ...moved,
  outputSlot: { light: '#2b003e', dark: '#8a38ff', text: 'psum and ofmap store, outputSlot' },
  hazard: { light: '#67147e', dark: '#a945b5', text: 'hazard' },
  vmemStore: { light: '#785c05', dark: '#84932b', text: 'vmemStore' },
  barrier: { light: '#968584', dark: '#c6b9b6', text: 'barrier' },
  drain: { light: '#494041', dark: '#83646b', text: 'drain' },
  refresh: { light: '#9054d5', dark: '#08c07b', text: 'refresh' },
  rowMiss: { light: '#000a03', dark: '#fef4ef', text: 'row misses', isStriped: true },
  heldWeight: { ...moved.weight, text: 'slot holds weight', isStriped: true },
  heldBias: { ...moved.bias, text: 'slot holds bias', isStriped: true },
  heldIfmap: { ...moved.ifmap, text: 'slot holds ifmap', isStriped: true },
  heldPsum: { ...moved.psumLoad, text: 'slot holds psum', isStriped: true },
  heldOperands: { ...moved.vmemLoad, text: 'slot holds SIMD operands', isStriped: true },
  instructions: { light: '#0498bf', dark: '#56ffab', text: 'instructions', isStriped: true },
  producer: { light: '#968584', dark: '#c6b9b6', text: 'producer', isStriped: true },
  obufTile: { light: '#67147e', dark: '#a945b5', text: 'obufTile', isStriped: true },
  noWork: { light: '#494041', dark: '#83646b', text: 'noWork', isStriped: true },
  other: { light: '#000a03', dark: '#fef4ef', text: 'other' },
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

/** The paints of what a critical path goes through. */
const RESOURCE_PAINTS: Readonly<Record<PathResource, Paint>> = {
  peArray: 'sa',
  simdPipeline: 'simd',
  weight: 'weight',
  ifmap: 'ifmap',
  psum: 'outputSlot',
  vmem: 'vmemLoad',
  imem: 'instructions',
};

/** The paint of a resource of the critical path. */
export function paintOfResource(resource: string): Paint {
  return Object.hasOwn(RESOURCE_PAINTS, resource) ? RESOURCE_PAINTS[resource as PathResource] : 'other';
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
    case 'path':
      return paintOfResource(tensor);
    default:
      return 'other';
  }
}
