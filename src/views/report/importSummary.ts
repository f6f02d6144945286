/** What a network has: parameters, useful MACs, and the output of every layer. */
import type { ImportedNetwork } from '../../model/importers/importedNetwork.ts';
import { usefulMacsOf } from '../../model/workload/counts.ts';
import type { Shape } from '../../model/workload/shapes.ts';
import { names, numbers } from './columnFit.ts';
import { csvText } from './csvText.ts';
import { integer } from './numbers.ts';
import { plainTable } from './plainTable.ts';

export interface ImportSummary {
  readonly name: string;
  /** Trained numbers; of an ONNX model the elements of the float initializers that its nodes use. */
  readonly parameters: number;
  /** Useful MACs of one image. */
  readonly macs: number;
  readonly layers: readonly {
    readonly name: string;
    readonly op: string;
    /** Useful MACs of one image. */
    readonly macs: number;
    /** For one image: 1, then the sizes that the file's tensor has, or channels, rows, columns. */
    readonly outputShape: readonly number[];
  }[];
}

/** The output of a layer of ours for one image: N×C×H×W, N×rows×C where there are no columns, or N×C. */
function sizesOfShape({ C, H, W }: Shape): number[] {
  if (W > 1) return [1, C, H, W];
  return H > 1 ? [1, H, C] : [1, C];
}

/** The summary of a network, a line per layer. */
export function importSummary({ workload, graph, outputSizes }: ImportedNetwork): ImportSummary {
  return {
    name: workload.name,
    parameters: workload.parameters ?? 0,
    macs: workload.macs ?? 0,
    layers: graph.nodes.map((node) => ({
      name: node.layer.name,
      op: node.layer.op,
      macs: usefulMacsOf(node),
      outputShape: outputSizes.get(node.layer.name) ?? sizesOfShape(node.outputShape),
    })),
  };
}

const shapeInWords = (sizes: readonly number[]): string => sizes.join('×');

/** The summary as a table, the totals last. */
export function importTable({ name, parameters, macs, layers }: ImportSummary, room: number): string {
  const rows = layers.map((layer) => [layer.name, layer.op, integer(layer.macs), shapeInWords(layer.outputShape)]);
  const columns = [names('layer'), names('operation', 1), numbers('useful MACs'), names('output')];
  const table = plainTable(columns, [...rows, ['total', `${layers.length} layers`, integer(macs), '']], room);
  return `${name}: ${integer(parameters)} parameters, ${integer(macs)} useful MACs per image\n\n${table}\n`;
}

/** The summary as CSV: a line per layer, the output's sizes with × between them. */
export function importCsv({ layers }: ImportSummary): string {
  const rows = layers.map(({ outputShape, ...layer }) => ({ ...layer, outputShape: shapeInWords(outputShape) }));
  return csvText(rows, { header: true, columns: ['name', 'op', 'macs', 'outputShape'] });
}
