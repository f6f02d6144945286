/** What a layer's cycles consist of. */
import type { WaitingCause } from '../../../model/machine/waiting.ts';
import type { PageLayer } from '../pageData.ts';
import { PALETTE, type Paint } from '../palette.ts';
import { inDigits, inText, percent } from './numbers.ts';
import type { Tip } from './tip.ts';

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

/** A layer's figures in words. */
export function layerTip(each: PageLayer): Tip {
  const { layer, start, totalCycles, computeCycles, tiles } = each;
  const share = (cycles: number): string => `${inDigits(cycles)} (${percent(cycles / totalCycles)})`;
  const parts = partsOf(each).map(([paint, cycles]) => [partName(paint), share(cycles)]);
  const fields = { op: layer.op, unit: layer.unit, start, cycles: totalCycles, tiles };
  const stall = share(totalCycles - computeCycles);
  return { title: layer.name, fields: { ...fields, stall, ...Object.fromEntries(parts) } };
}

/** The same as one sentence, for screen readers. */
export function layerInWords(each: PageLayer): string {
  const { title, fields } = layerTip(each);
  const words = Object.entries(fields).map(([name, value]) => `${name} ${inText(value)}`);
  return `${title}: ${words.join(', ')}`;
}
