/** What a layer's cycles consist of. */
import type { WaitingCause } from '../../machine/waiting.ts';
import type { PageLayer } from '../pageData.ts';
import { PALETTE, type Paint } from '../palette.ts';

/** Compute without its fill, fill, and every waiting cause; together all cycles of the layer. */
export function partsOf({ layer, computeCycles, fillCycles, waiting }: PageLayer): [Paint, number][] {
  const waits = Object.entries(waiting) as [WaitingCause, number][];
  const parts: [Paint, number][] = [
    [layer.unit === 'SA' ? 'sa' : 'simd', computeCycles - fillCycles],
    ['fill', fillCycles],
    ...waits,
  ];
  return parts.filter(([, cycles]) => cycles > 0);
}

/** Whether a part is compute, and not waiting. */
export function isCompute(paint: Paint): boolean {
  return paint === 'sa' || paint === 'simd' || paint === 'fill';
}

/** What a part is called. */
export function partName(paint: Paint): string {
  // Only in the timeline the same colour means a store.
  return paint === 'outputSlot' ? 'output slot' : PALETTE[paint].text;
}
