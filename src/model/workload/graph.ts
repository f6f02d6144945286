/** The forward graph of a workload with the shape of every tensor checked against its neighbours. */
import { InputError } from '../schemas/inputError.ts';
import type { Workload, WorkloadLayer } from '../schemas/workload.ts';
import { type Complain, checkOperands, listedInputShapes, outputShapeOf, type Shape } from './shapes.ts';

export type { Shape } from './shapes.ts';
export { windowOutputs } from './window.ts';

/** A layer with what flows in and out of it. */
export interface GraphNode {
  readonly layer: WorkloadLayer;
  /** Place in the workload file, for messages: `layers[3]`. */
  readonly source: string;
  /** Nodes that feed this one; `undefined` is the network's input. None in a list. */
  readonly producers: readonly (GraphNode | undefined)[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
}

/** A node that is a conv. */
export type ConvNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'conv' }> };
/** A node that is a gemm. */
export type GemmNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'gemm' }> };

export interface Graph {
  readonly name: string;
  /** The file it came from, for messages. */
  readonly file: string;
  /** The layers do not feed each other: each loads from and stores to DRAM. */
  readonly isList: boolean;
  /** Program order: every node comes after its producers. */
  readonly nodes: readonly GraphNode[];
}

/** What layers call the network's input. */
export const NETWORK_INPUT = 'input';

/**
 * Links the layers of a workload and checks that their shapes chain; throws an InputError where they do not.
 * `list` is what the file calls its list of layers.
 */
export function buildGraph(workload: Workload, file: string, list = 'layers'): Graph {
  const isList = workload.graph === 'list';
  const byName = new Map<string, GraphNode>();
  const nodes = workload.layers.map((layer, index): GraphNode => {
    const source = `${list}[${index}]`;
    const complain: Complain = (path, value, expected) => {
      throw new InputError({ file, path: `${source}.${path}`, value, expected });
    };
    if (layer.name === NETWORK_INPUT || byName.has(layer.name)) {
      complain('name', layer.name, 'a name that no other layer has ("input" is the network\'s input)');
    }
    const producersOf = (): (GraphNode | undefined)[] => {
      checkOperands(layer, complain);
      return layer.inputs.map((name, place) => {
        if (name === NETWORK_INPUT) return undefined;
        return byName.get(name) ?? complain(`inputs[${place}]`, name, '"input" or the name of an earlier layer');
      });
    };
    const producers = isList ? [] : producersOf();
    const inputShapes = isList
      ? listedInputShapes(layer, complain)
      : producers.map((producer) => producer?.outputShape ?? workload.input!);
    const node = { layer, source, producers, inputShapes, outputShape: outputShapeOf(layer, inputShapes, complain) };
    byName.set(layer.name, node);
    return node;
  });
  return { name: workload.name, file, isList, nodes };
}
