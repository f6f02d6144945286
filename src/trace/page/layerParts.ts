/** What a layer's cycles consist of. */
import type { WaitingCause } from '../../machine/waiting.ts';
import type { PageLayer } from '../pageData.ts';
import type { Paint } from '../palette.ts';

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
