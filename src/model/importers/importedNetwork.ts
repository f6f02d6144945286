/** What an importer gives: a workload that has passed every check of one, and what its file says beyond that. */
import type { FileWords } from '../schemas/fileWords.ts';
import { parseWorkload, type Workload } from '../schemas/workload.ts';
import { parametersOfGraph, usefulMacsOfGraph } from '../workload/counts.ts';
import { buildGraph, type Graph } from '../workload/graph.ts';

export interface ImportedNetwork {
  readonly workload: Workload;
  readonly graph: Graph;
  /** Sizes of each layer's output for one image, as the file's own tensors have them; by the layer's name. */
  readonly outputSizes: ReadonlyMap<string, readonly number[]>;
  /** What the user should know: that something was read in a way that may not be what was meant. */
  readonly notes: readonly string[];
}

/**
 * Checks an imported workload as a file of ours is checked, and adds its useful MACs and, where the draft does not state
 * them, its parameters. `list` is what the file calls its layers, `words` what it
 * calls their fields.
 */
export function importedNetwork(
  draft: Readonly<Record<string, unknown>> & { readonly layers: readonly unknown[] },
  from: {
    readonly file: string;
    readonly list?: string;
    readonly words?: FileWords;
    readonly outputSizes?: ReadonlyMap<string, readonly number[]>;
    readonly notes?: readonly string[];
  },
): ImportedNetwork {
  const { layers, ...head } = draft;
  const unchecked = parseWorkload({ ...head, layers }, from.file);
  const graph = buildGraph(unchecked, from.file, from.list, from.words);
  const { layers: checkedLayers, parameters = parametersOfGraph(graph), ...checkedHead } = unchecked;
  return {
    workload: { ...checkedHead, parameters, macs: usefulMacsOfGraph(graph), layers: checkedLayers },
    graph,
    outputSizes: from.outputSizes ?? new Map(),
    notes: from.notes ?? [],
  };
}
