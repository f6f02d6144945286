/** A second run, B, beside the page's own, A. */
import {
  COMPARISON_ID,
  type LayerFigures,
  type PageComparison,
  type PageHead,
  SECOND_RUN_ELEMENTS,
} from '../pageData.ts';
import { type PageData, readData } from './data.ts';
import { addedSpans, type LayerSpans } from './layerTimes.ts';
import { type LayerPair, pairsOf } from './pairs.ts';
import { cyclesOf } from './recorded.ts';

/** The second run. */
export interface Compared {
  readonly names: readonly [a: string, b: string];
  /** Of a run from a file the options that would run it again, where the file says them. */
  readonly optionsOfB: string | undefined;
  /** Its trace; not there where it comes from a file of figures. */
  readonly data: PageData | undefined;
  readonly layers: readonly LayerFigures[];
  /** What each of them adds to its cycles. */
  readonly added: LayerSpans;
  readonly cycles: number;
  readonly pairs: readonly LayerPair[];
}

/** Reads the second run from the page, if there is one. */
export function readCompared(a: PageHead): Compared | undefined {
  const text = document.getElementById(COMPARISON_ID)?.textContent;
  if (text == null) return undefined;
  const { names, layers: compared, figures, optionsOfB } = JSON.parse(text) as PageComparison;
  const data = figures === undefined ? readData(SECOND_RUN_ELEMENTS) : undefined;
  const layers = figures ?? data!.head.layers;
  return {
    names,
    optionsOfB,
    data,
    layers,
    pairs: pairsOf(compared, a.layers, layers),
    added: addedSpans(layers),
    cycles: cyclesOf({ layers }),
  };
}
