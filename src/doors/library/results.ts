/** What the results of either model have in common. */
import type { Energy } from '../../model/energy/energy.ts';
import type { Layer } from '../../model/layers/layer.ts';

/** What was run. */
export interface NetworkHead {
  readonly hardware: string;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  /** Images per batch. */
  readonly batch: number;
  /** Of a training iteration: exact or published. */
  readonly expansion?: string;
}

/** What a layer is, and how it is tiled. */
export interface LayerHead {
  readonly name: string;
  readonly op: string;
  /** The systolic array or the SIMD array. */
  readonly unit: 'SA' | 'SIMD';
  /** Sizes of the outer tile. */
  readonly tile: Layer['tile'];
  /** Of the systolic array: the seven loops, outermost first. */
  readonly loopOrder?: readonly string[];
  /** Where the layer has several: the tile is of one. */
  readonly groups?: number;
  /** Where energy data were given, in joules. */
  readonly energy?: Energy;
}

/** A network's energy by one model. */
export interface ModelEnergy {
  /** Of the energy data, and where they come from. */
  readonly name: string;
  readonly description: string;
  /** In joules: over the layers of the systolic array, of the SIMD array, and of both. */
  readonly totals: Readonly<Record<'SA' | 'SIMD' | 'all', Energy>>;
  readonly averageWatts: number;
}

/** The head of something that has one. */
export function networkHead({ hardware, workload, phase, batch, expansion }: NetworkHead): NetworkHead {
  return { hardware, workload, phase, batch, ...(expansion === undefined ? {} : { expansion }) };
}

/** The head of a layer, or of a report's, with its energy. */
export function layerHead(layer: Omit<LayerHead, 'energy'>, energy: Energy | undefined): LayerHead {
  const { name, op, unit, tile, loopOrder, groups = 1 } = layer;
  return {
    name,
    op,
    unit,
    tile,
    ...(unit === 'SA' && loopOrder !== undefined ? { loopOrder } : {}),
    ...(groups > 1 ? { groups } : {}),
    ...(energy === undefined ? {} : { energy }),
  };
}
