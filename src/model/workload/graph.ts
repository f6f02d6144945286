/** The forward graph of a workload with the shape of every tensor checked against its neighbours. */
import { type FileWords, inFileWords } from '../schemas/fileWords.ts';
import { Problems } from '../schemas/inputError.ts';
import type { Workload, WorkloadLayer } from '../schemas/workload.ts';
import { canonicalLayer, canonicalProduct } from './canonical.ts';
import { type Complain, checkOperands, listedInputShapes, outputShapeOf, type Shape, statedShape } from './shapes.ts';

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

/** A node that is a gemm. */
export type GemmNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'gemm' }> };
/** A node that multiplies two activations. */
export type MatmulNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'matmul' }> };

export interface Graph {
  readonly name: string;
  /** The file it came from, for messages. */
  readonly file: string;
  /** Where its values stand in the file, if that is not one of ours. */
  readonly words?: FileWords;
  /** The layers do not feed each other: each loads from and stores to DRAM. */
  readonly isList: boolean;
  /** Program order: every node comes after its producers. */
  readonly nodes: readonly GraphNode[];
}

/** What layers call the network's input. */
export const NETWORK_INPUT = 'input';

/** What a reader knows of the layers before the one that it reads. */
interface Known {
  readonly isList: boolean;
  readonly input: Shape | undefined;
  /** Undefined: the layer's shape is not known, because something before it is wrong. */
  readonly byName: ReadonlyMap<string, GraphNode | undefined>;
  /** Words to append where a name is misspelt. */
  readonly didYouMean: (name: string) => string;
}

/** What feeds a layer; undefined, and something noted, where that is not known. */
function producersOf(layer: WorkloadLayer, known: Known, complain: Complain): (GraphNode | undefined)[] | undefined {
  if (!checkOperands(layer, complain)) return undefined;
  let isKnown = true;
  const producers = layer.inputs.map((name, place) => {
    if (name === NETWORK_INPUT) return undefined;
    const producer = known.byName.get(name);
    if (producer === undefined) {
      isKnown = false;
      if (!known.byName.has(name)) {
        complain(`inputs[${place}]`, name, `"input" or the name of an earlier layer${known.didYouMean(name)}`);
      }
    }
    return producer;
  });
  return isKnown ? producers : undefined;
}

/** A layer with what flows in and out of it; undefined where what flows in is not known. */
function nodeOf(layer: WorkloadLayer, source: string, known: Known, complain: Complain): GraphNode | undefined {
  if (known.isList) {
    const inputShapes = listedInputShapes(layer, complain);
    if (inputShapes.length === 0) return undefined;
    return { layer, source, producers: [], inputShapes, outputShape: outputShapeOf(layer, inputShapes, complain) };
  }
  const producers = producersOf(layer, known, complain);
  if (producers === undefined) {
    // So that whatever reads it can be checked too.
    const outputShape = statedShape(layer);
    return outputShape && { layer, source, producers: [], inputShapes: [], outputShape };
  }
  const inputShapes = producers.map((producer) => producer?.outputShape ?? known.input!);
  const product = canonicalProduct(layer, inputShapes, complain);
  const outputShape = outputShapeOf(product, inputShapes, complain);
  return { layer: product, source, producers, inputShapes, outputShape };
}

/**
 * Links the layers of a workload and checks that their shapes chain; throws an InputError that names everything that is
 * wrong. `list` is what the file calls its list of layers, `words` what it calls its values.
 */
export function buildGraph(workload: Workload, file: string, list = 'layers', words?: FileWords): Graph {
  const isList = workload.graph === 'list';
  const byName = new Map<string, GraphNode | undefined>();
  const problems = new Problems();
  const nodes: GraphNode[] = [];
  const known = {
    isList,
    input: workload.input,
    byName,
    didYouMean: (name: string) => problems.didYouMean(name, byName.keys()),
  };
  for (const [index, given] of workload.layers.entries()) {
    const source = `${list}[${index}]`;
    const complain: Complain = (path, value, expected) => {
      problems.add(inFileWords({ file, path: `${source}.${path}`, layer: given.name, value, expected }, words));
    };
    const layer = canonicalLayer(given, complain);
    const isTaken = layer.name === NETWORK_INPUT || byName.has(layer.name);
    if (isTaken) complain('name', layer.name, 'a name that no other layer has ("input" is the network\'s input)');
    const node = nodeOf(layer, source, known, complain);
    if (node !== undefined) nodes.push(node);
    if (!isTaken) byName.set(layer.name, node);
  }
  problems.throwIfAny();
  return { name: workload.name, file, ...(words && { words }), isList, nodes };
}
