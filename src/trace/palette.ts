/**
 * The colours of traces: one per resource, shared by what it does and what is waited for because of it. All pairs stay
 * apart (CIELAB distance over 20) for normal, protan, deutan and tritan vision, on white and on near-black.
 */
import type { What } from './pageData.ts';

export const PALETTE = {
  sa: { colour: '#6474ec', text: 'PE array computes' },
  fill: { colour: '#95b6ff', text: 'pipeline fill' },
  simd: { colour: '#3b6b4a', text: 'SIMD array computes' },
  weight: { colour: '#eaad00', text: 'weight' },
  bias: { colour: '#702400', text: 'bias' },
  ifmap: { colour: '#c34217', text: 'ifmap' },
  psumLoad: { colour: '#e657c2', text: 'psum load' },
  outputSlot: { colour: '#4832c5', text: 'psum and ofmap store, output slot' },
  hazard: { colour: '#6e0083', text: 'hazard' },
  vmemLoad: { colour: '#6bdf87', text: 'VMem load' },
  vmemStore: { colour: '#319e54', text: 'VMem store' },
  barrier: { colour: '#8b9390', text: 'barrier' },
  drain: { colour: '#745682', text: 'drain' },
} as const;

export type Paint = keyof typeof PALETTE;
export const PAINTS = Object.keys(PALETTE) as Paint[];

/** The resource that a tensor belongs to. */
function paintOfTensor(tensor: string, isStore: boolean): Paint {
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

/** The paint of a slice; a refresh, in which a channel stands still, is like a barrier. */
export function paintOf({ kind, tensor, cause }: What, unit: 'SA' | 'SIMD'): Paint {
  switch (kind) {
    case 'layer':
    case 'compute':
      return unit === 'SA' ? 'sa' : 'simd';
    case 'refresh':
      return 'barrier';
    case 'wait':
      return cause === '' ? 'drain' : cause;
    case 'load':
    case 'hold':
    case 'read':
      return paintOfTensor(tensor, false);
    case 'store':
    case 'write':
      return paintOfTensor(tensor, true);
  }
}
