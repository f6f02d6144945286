/** What a layer's cycles consist of. */
import { sumOf } from '../../../model/layers/result.ts';
import type { Work } from '../../../model/network/work.ts';
import type { PathResource } from '../../../studies/criticalPath/dependencyGraph.ts';
import { resourceInWords } from '../../report/pathNames.ts';
import type { LayerFigures, PageLayer } from '../pageData.ts';
import { PALETTE, type Paint } from '../palette.ts';
import { unitCycles } from './layerTimes.ts';
import { inDigits, inFewDigits, inText, percent, signedPercent } from './numbers.ts';
import type { Tip } from './tip.ts';

const BITS_PER_MEGABIT = 1e6;

/** A layer's figures, with what is known of one that was traced, and not of one from a file. */
export type JudgedLayer = LayerFigures & Partial<Pick<PageLayer, 'closedFormCycles' | 'path'>>;

/** Compute without its fill, fill, and every waiting cause; together all that its unit spends on the layer. */
export function partsOf({ layer, computeCycles, fillCycles, waiting }: LayerFigures): [Paint, number][] {
  const parts: [Paint, number][] = [
    [layer.unit === 'SA' ? 'sa' : 'simd', computeCycles - fillCycles],
    ['fill', fillCycles],
    ...Object.entries(waiting).map(([cause, cycles]): [Paint, number] => [paintOfCause(cause), cycles]),
  ];
  return parts.filter(([, cycles]) => cycles > 0);
}

/** The paint of a cause of waiting; one that is not ours, from a file, is `other`. */
export function paintOfCause(cause: string): Paint {
  return Object.hasOwn(PALETTE, cause) ? (cause as Paint) : 'other';
}

/** Whether a part is compute, and not waiting. */
export function isCompute(paint: Paint): boolean {
  return paint === 'sa' || paint === 'simd' || paint === 'fill';
}

/** What a part is called: a wait as in the columns of `systole run`, in whose colour the timeline shows transfers too. */
export function partName(paint: Paint): string {
  return isCompute(paint) || paint === 'other' ? PALETTE[paint].text : paint;
}

/** A layer's figures in words: what else is known of one that was traced. */
export function layerTip(each: LayerFigures | PageLayer): Tip {
  const { layer, start, end, totalCycles, computeCycles } = each;
  const all = unitCycles(each);
  const share = (cycles: number): string => `${inDigits(cycles)} (${percent(cycles / all)})`;
  const parts = partsOf(each).map(([paint, cycles]) => [partName(paint), share(cycles)]);
  const traced = 'tiles' in each ? each : undefined;
  const fields = {
    ...{ op: layer.op, unit: layer.unit, start },
    // Where layers overlap a layer adds less to the run than it takes.
    ...(end - start === totalCycles ? { cycles: totalCycles } : { end, 'adds cycles': totalCycles }),
    ...(traced && { tiles: traced.tiles }),
    stall: share(all - computeCycles),
    ...Object.fromEntries(parts),
    ...(traced && workFields(traced)),
  };
  return { title: layer.name, fields };
}

/** How far the closed form is from the simulated cycles, as a share of them; undefined where it has none. */
export function closedFormError({ closedFormCycles, totalCycles }: JudgedLayer): number | undefined {
  if (closedFormCycles === undefined || totalCycles === 0) return undefined;
  return (closedFormCycles - totalCycles) / totalCycles;
}

/** What the end of the run waits for while a layer runs, the longest first. */
export function layerPath({ path }: JudgedLayer): [PathResource, number][] {
  const parts = Object.entries(path ?? {}) as [PathResource, number][];
  return parts.sort(([, a], [, b]) => b - a);
}

/** What the closed form says of a layer, and why the layer takes what it takes. */
export function aboutLayer(each: JudgedLayer): Record<string, string | number> {
  const { closedFormCycles } = each;
  const error = closedFormError(each);
  const beside: Record<string, string | number> = {};
  if (closedFormCycles !== undefined && error !== undefined) {
    beside['closed form'] = Math.round(closedFormCycles);
    beside['its error'] = signedPercent(error);
  }
  const parts = partsOf(each).map(([paint, cycles]) => [
    partName(paint),
    `${inDigits(cycles)} (${percent(cycles / unitCycles(each))})`,
  ]);
  const path = layerPath(each);
  const onPath = path.reduce((sum, [, cycles]) => sum + cycles, 0);
  const waitedFor = path.map(([resource, cycles]) => [
    `end waits for ${resourceInWords(resource)}`,
    percent(cycles / onPath),
  ]);
  return { ...beside, ...Object.fromEntries(waitedFor), ...Object.fromEntries(parts) };
}

/** What is done and moved for a layer, and what of it is its own: padding is not. */
function workFields({ issued, useful, ops, dramBits }: PageLayer): Record<string, string | number> {
  const traffic = { 'off-chip bits': dramBits, 'of them useful': sumOf(useful.dramBits) };
  if (useful.macs === 0) return traffic;
  return {
    'MACs issued': ops / 2,
    'MACs useful': useful.macs,
    'PE use, issued': percent(issued.peUtilisation),
    'PE use, useful': percent(useful.peUtilisation),
    ...traffic,
  };
}

/** Issued and useful work of the network in a sentence. */
export function workInWords({ issued, useful }: Work, dramBits: number): string {
  const [all, own] = [dramBits, sumOf(useful.dramBits)].map((bits) => `${inFewDigits(bits / BITS_PER_MEGABIT)} Mbit`);
  return `The PEs are busy ${percent(issued.peUtilisation)} of the array's time with issued MACs, ${percent(useful.peUtilisation)} with useful ones, which are no padding. Off-chip traffic: ${all}, of which ${own} useful.`;
}

/** A layer's figures as one sentence, for screen readers. */
export function layerInWords(each: LayerFigures): string {
  const { title, fields } = layerTip(each);
  const words = Object.entries(fields).map(([name, value]) => `${name} ${inText(value)}`);
  return `${title}: ${words.join(', ')}`;
}
