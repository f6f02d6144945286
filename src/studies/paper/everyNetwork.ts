/** The first column of tables VI and VII for every network: what the non-conv layers take of the runtime on HI3 and HT3. */
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Progress } from '../../model/network/network.ts';
import { fusedNotes, nonConvRuntimePct, runFused } from './fusedRun.ts';
import { paperLayers } from './networkTables.ts';
import { TABLE_VI, TABLE_VII } from './printed.ts';
import { beside, type PaperInputs, type PaperRow, type PaperTarget } from './target.ts';

/** Where each network runs, and which training iteration. */
const POINTS = [
  { hardware: 'HI3', expansion: undefined, inWords: 'HI3' },
  { hardware: 'HT3', expansion: 'exact', inWords: 'HT3, exact' },
  { hardware: 'HT3', expansion: 'published', inWords: 'HT3, published' },
] as const;
const PRINTED = { resnet50: TABLE_VI, resnet18: TABLE_VII } as const;

function isPrinted(network: string): network is keyof typeof PRINTED {
  return network in PRINTED;
}

/** Shares of the runtime, by the published closed form with the simulation beside it. */
export function* everyNetwork(inputs: PaperInputs, fusion: Fusion = 'none'): Generator<Progress, PaperTarget> {
  const networks = inputs.networks();
  const rows: PaperRow[] = [];
  const layers = networks.length * POINTS.length;
  for (const network of networks) {
    for (const point of POINTS) {
      const { hardware: name, expansion, inWords } = point;
      const progress = { layersDone: rows.length, layers, layerName: `${network} on ${inWords}`, layerShare: 0 };
      yield progress;
      const { hardware, layers: tiled } = paperLayers(network, name, inputs, expansion);
      const run = runFused(tiled, hardware, fusion);
      let step = run.next();
      for (; step.done !== true; step = run.next()) {
        yield { ...progress, layerShare: step.value.layersDone / step.value.layers };
      }
      const { closedForm, simulated } = nonConvRuntimePct(step.value);
      const isAsRun = expansion !== 'exact' && isPrinted(network);
      const printed = isAsRun ? PRINTED[network][name].runtimePct : null;
      rows.push(beside(`${network} on ${inWords}`, printed, closedForm, 1, simulated));
    }
  }
  const isFused = fusion !== 'none';
  return {
    target: 'networks',
    ...(isFused && { fuse: fusion }),
    title: `What the non-conv layers take of the runtime of every network${isFused ? `, layers fused in ${fusion}` : ''}, in percent`,
    notes: [
      'inference of one image on HI3; on HT3 a training iteration of 32 images, what the mathematics needs (exact) and as in the published runs, which compute larger weight gradients',
      'non-conv is all that runs on the SIMD array, depthwise convolutions included',
      'computed: the published closed form; simulated: the machine under its default assumptions',
      ...(isFused ? fusedNotes(fusion) : []),
    ],
    rows,
  };
}
