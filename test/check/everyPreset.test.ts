/** Under the paper's assumptions the machine takes what formulas say, on every layer of every network that comes along. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { cornerCycles } from '../../src/model/analytical/corner.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { tileProgram } from '../../src/model/tiling/tileProgram.ts';
import { DEPTHWISE_UNITS, depthwiseUnitOf, withDepthwiseOn } from '../../src/model/workload/depthwise.ts';
import { inferenceProgram } from '../../src/model/workload/forward.ts';
import type { Graph } from '../../src/model/workload/graph.ts';
import { trainingProgram } from '../../src/model/workload/training.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

const runsAll = process.env['SYSTOLE_VERIFY'] === '1';
const HARDWARE = runsAll ? ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3'] : ['HI3', 'HT2'];
const NETWORKS = readdirSync(new URL('../../workloads/', import.meta.url))
  .filter((file) => !file.endsWith('.schema.json'))
  .map((file) => file.replace('.json', ''))
  .filter((_, place) => runsAll || place % 4 === 0);

/** A network, with its depthwise convolutions on either array if it has some. */
function placedGraphs(network: string): Graph[] {
  const graph = graphPreset(network);
  const has = graph.nodes.some((node) => depthwiseUnitOf(node) !== undefined);
  return has ? DEPTHWISE_UNITS.map((unit) => withDepthwiseOn(graph, () => unit)) : [graph];
}

function layersOf(graph: Graph, hardware: Hardware): Layer[] {
  const isTraining = hardware.name.startsWith('HT');
  return tileProgram(isTraining ? trainingProgram(graph, 32, 'exact') : inferenceProgram(graph, 1), hardware);
}

/** Where `ceiling` is known to be wrong: one weight tile that stays for one tile, a reduction whose batch is tiled. */
function isCorner(layer: Layer): boolean {
  if (layer.unit === 'SIMD') return layer.op === 'reduce-sum';
  const { sizes, tile } = layer;
  return (['oh', 'ow', 'n'] as const).every((dim) => sizes[dim] <= tile[dim]);
}

describe.each(NETWORKS)('%s under the paper’s assumptions', (network) => {
  it.each(HARDWARE)('takes on %s what corner says, and ceiling wherever that is right', (name) => {
    const hardware = hardwarePreset(name);
    const machine = new Machine(hardware);
    const wrong = placedGraphs(network).flatMap((graph) =>
      layersOf(graph, hardware).filter((layer) => {
        const { totalCycles } = machine.run(layer, PAPER);
        if (totalCycles !== cornerCycles(layer, hardware)) return true;
        return !isCorner(layer) && totalCycles !== closedForm(layer, hardware, 'ceiling').totalCycles;
      }),
    );
    expect(wrong.map((layer) => layer.name)).toEqual([]);
  });
});
