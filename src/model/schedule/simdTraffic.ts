/** The off-chip traffic of a SIMD layer from its row of the operations table, issued and useful. */
import { type SimdLayer, type SimdUseful, slidingAlong, windowInput } from '../layers/layer.ts';
import { noDramBits } from '../layers/result.ts';
import { usefulFromStart } from '../layers/usefulAxis.ts';
import { type Operand, type Part, windowOf } from '../operations/simdRow.ts';
import { simdOperation, simdParts } from '../operations/simdTable.ts';
import { type Count, type Cut, cutOf, elementsAlong, product, type Traffic, windowsAlong } from './cuts.ts';

/** A dimension that a tensor does not depend on. */
const ONCE: Count = { issued: 1, useful: 1 };

/** Everything that a layer without a network handles. */
function allOf({ sizes, window }: SimdLayer): SimdUseful {
  const input = windowInput(sizes, window);
  return {
    macs: 0,
    sizes,
    window: { rows: usefulFromStart(input.h), columns: usefulFromStart(input.w) },
    hasBias: true,
  };
}

/** What of a layer is useful work: as the network says, or all of it. */
export function simdUsefulOf(layer: SimdLayer): SimdUseful {
  return layer.useful ?? allOf(layer);
}

/** Traffic of a layer as the machine moves it; every part of its operation loads and stores each of its tiles once. */
export function simdTraffic(layer: SimdLayer, edgesAreFull: boolean): Traffic {
  const { sizes, tile, window, bits } = layer;
  const useful = simdUsefulOf(layer);
  const cut = (dim: keyof typeof sizes): Cut => cutOf(sizes[dim], tile[dim], edgesAreFull);
  const along = (dim: keyof typeof sizes): Count => elementsAlong(cut(dim), useful.sizes[dim]);
  const planeOf = (operand: Operand, direction: 'h' | 'w'): Count => {
    const { dims, around } = operand;
    const seen = windowOf(operand, window);
    const taps = direction === 'h' ? seen.kh : seen.kw;
    const isWindowed = dims.includes(direction === 'h' ? 'kh' : 'kw');
    if (!dims.includes(direction)) return isWindowed ? { issued: taps, useful: taps } : ONCE;
    if (!isWindowed) return along(direction);
    const slid = direction === 'h' ? useful.window.rows : useful.window.columns;
    const axis = around === undefined ? slid : { ...usefulFromStart(useful.sizes[direction]), from: around };
    return windowsAlong(cut(direction), cutOf(taps, taps, true), axis, slidingAlong(seen, direction));
  };
  const parts = simdParts(layer);
  /** How often a part runs, as counts of tiles along the loops that an operand does not depend on. */
  const timesOf = (dims: readonly string[], loops: readonly (keyof typeof sizes)[]): number =>
    loops.reduce(
      (times, dim) => (dims.includes(dim) ? times : times * cut(dim).runs.reduce((all, run) => all + run.count, 0)),
      1,
    );
  const { outer } = simdOperation(layer.op);
  const elementsOf = (operand: Operand, per: Part['per']): Count => {
    const { dims } = operand;
    const times = timesOf(dims, per === 'tile' ? ['c', 'n', 'h', 'w'] : outer);
    const all = product([
      dims.includes('c') ? along('c') : ONCE,
      dims.includes('n') ? along('n') : ONCE,
      planeOf(operand, 'h'),
      planeOf(operand, 'w'),
    ]);
    const isAbsent = operand.width === 'bias' && !useful.hasBias;
    return { issued: times * all.issued, useful: isAbsent ? 0 : times * all.useful };
  };
  const traffic = { issued: noDramBits(), useful: noDramBits() };
  for (const { per, loads, stores } of parts) {
    for (const operand of [...loads, ...stores]) {
      const { width, booked } = operand;
      const elements = elementsOf(operand, per);
      traffic.issued[booked] += elements.issued * bits[width];
      traffic.useful[booked] += elements.useful * bits[width];
    }
  }
  return traffic;
}
