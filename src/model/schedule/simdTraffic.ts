/** The off-chip traffic of a SIMD layer from its row of the operations table, issued and useful. */
import { type SimdLayer, type SimdUseful, slidingAlong, windowInput } from '../layers/layer.ts';
import { noDramBits } from '../layers/result.ts';
import { usefulFromStart } from '../layers/usefulAxis.ts';
import { type Extent, simdOperation } from '../operations/simdTable.ts';
import { type Count, type Cut, cutOf, elementsAlong, product, type Traffic, windowsAlong } from './cuts.ts';

/** Everything that a layer without a network handles. */
function allOf({ sizes, window }: SimdLayer): SimdUseful {
  const input = windowInput(sizes, window);
  return {
    macs: 0,
    sizes,
    window: { rows: usefulFromStart(input.h), columns: usefulFromStart(input.w) },
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
  const elementsOf = (extent: Extent): Count => {
    switch (extent) {
      case 'vector':
        return along('c');
      case 'tile':
        return product([along('c'), along('n'), along('h'), along('w')]);
      case 'window':
        return product([
          along('c'),
          along('n'),
          windowsAlong(cut('h'), cutOf(window.kh, window.kh, true), useful.window.rows, slidingAlong(window, 'h')),
          windowsAlong(cut('w'), cutOf(window.kw, window.kw, true), useful.window.columns, slidingAlong(window, 'w')),
        ]);
    }
  };
  const traffic = { issued: noDramBits(), useful: noDramBits() };
  for (const { loads, stores } of simdOperation(layer.op).parts) {
    for (const { extent, width, booked } of [...loads, ...stores]) {
      const elements = elementsOf(extent);
      traffic.issued[booked] += elements.issued * bits[width];
      traffic.useful[booked] += elements.useful * bits[width];
    }
  }
  return traffic;
}
