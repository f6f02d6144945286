/** The forward graph of a workload with the shape of every tensor checked against its neighbours. */
import { InputError } from '../schemas/inputError.ts';
import type { Workload, WorkloadLayer } from '../schemas/workload.ts';

/** Channels, height, width of one image. */
export interface Shape {
  readonly C: number;
  readonly H: number;
  readonly W: number;
}

/** A layer with what flows in and out of it. */
export interface GraphNode {
  readonly layer: WorkloadLayer;
  /** Place in the workload file, for messages: `layers[3]`. */
  readonly source: string;
  /** Nodes that feed this one; `undefined` is the network's input. */
  readonly producers: readonly (GraphNode | undefined)[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
}

export interface Graph {
  readonly name: string;
  /** The file it came from, for messages. */
  readonly file: string;
  /** Program order: every node comes after its producers. */
  readonly nodes: readonly GraphNode[];
}

/** What layers call the network's input. */
export const NETWORK_INPUT = 'input';

/** Outputs of a window that slides over `extent` inputs with zero padding: ⌊(extent + 2P − K)/S⌋ + 1. */
export function windowOutputs(extent: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((extent + 2 * padding - kernel) / stride) + 1;
}

const inWords = (shape: Shape): string => `${shape.C}×${shape.H}×${shape.W}`;

/** What the layer's own dimensions say of its input and output; `expected` what its producer says they must be. */
function outputShapeOf(
  layer: WorkloadLayer,
  input: Shape,
  complain: (path: string, value: unknown, expected: string) => never,
): Shape {
  const expect = (path: string, value: number, expected: number, why: string): void => {
    if (value !== expected) complain(`dimensions.${path}`, value, `${expected}, ${why}`);
  };
  const from = `as the layer's input is ${inWords(input)}`;
  switch (layer.op) {
    case 'conv':
    case 'max-pool':
    case 'avg-pool': {
      const { KH, KW, OH, OW } = layer.dimensions;
      if (layer.op === 'conv') expect('IC', layer.dimensions.IC, input.C, from);
      else {
        expect('C', layer.dimensions.C, input.C, from);
        // Every window of a pool covers some of the image: there is no maximum of padding alone.
        const most = Math.min(KH, KW) - 1;
        if (layer.padding > most) complain('padding', layer.padding, `at most ${most}, less than the window`);
      }
      const how = `${from}, the stride ${layer.stride} and the padding ${layer.padding}`;
      expect('OH', OH, windowOutputs(input.H, KH, layer.stride, layer.padding), how);
      expect('OW', OW, windowOutputs(input.W, KW, layer.stride, layer.padding), how);
      return { C: layer.op === 'conv' ? layer.dimensions.OC : layer.dimensions.C, H: OH, W: OW };
    }
    case 'gemm': {
      const rows = layer.dimensions.M ?? 1;
      expect('IC', layer.dimensions.IC, input.C, `${from} (flatten goes between an image and a gemm)`);
      expect('M', rows, input.H * input.W, from);
      return { C: layer.dimensions.OC, H: rows, W: 1 };
    }
    case 'batch-norm':
    case 'relu':
    case 'tensor-add':
      expect('C', layer.dimensions.C, input.C, from);
      expect('H', layer.dimensions.H, input.H, from);
      expect('W', layer.dimensions.W, input.W, from);
      return input;
    case 'global-avg-pool':
      expect('C', layer.dimensions.C, input.C, from);
      expect('IH', layer.dimensions.IH, input.H, from);
      expect('IW', layer.dimensions.IW, input.W, from);
      return { C: input.C, H: 1, W: 1 };
    case 'flatten':
      return { C: input.C * input.H * input.W, H: 1, W: 1 };
    case 'dropout':
      return input;
  }
}

/**
 * Links the layers of a workload and checks that their shapes chain; throws an InputError where they do not.
 * `list` is what the file calls its list of layers.
 */
export function buildGraph(workload: Workload, file: string, list = 'layers'): Graph {
  const byName = new Map<string, GraphNode>();
  const nodes = workload.layers.map((layer, index): GraphNode => {
    const source = `${list}[${index}]`;
    const complain = (path: string, value: unknown, expected: string): never => {
      throw new InputError({ file, path: `${source}.${path}`, value, expected });
    };
    if (layer.name === NETWORK_INPUT || byName.has(layer.name)) {
      complain('name', layer.name, 'a name that no other layer has ("input" is the network\'s input)');
    }
    const operands = layer.op === 'tensor-add' ? 2 : 1;
    if (layer.inputs.length !== operands) {
      complain('inputs', layer.inputs, `${operands} input${operands > 1 ? 's' : ''} for ${layer.op}`);
    }
    const producers = layer.inputs.map((name, place) => {
      if (name === NETWORK_INPUT) return undefined;
      return byName.get(name) ?? complain(`inputs[${place}]`, name, '"input" or the name of an earlier layer');
    });
    const inputShapes = producers.map((producer) => producer?.outputShape ?? workload.input);
    const [first, second] = inputShapes as [Shape, Shape?];
    if (second !== undefined && inWords(first) !== inWords(second)) {
      complain('inputs', layer.inputs, `two tensors of one shape, not ${inWords(first)} and ${inWords(second)}`);
    }
    const node = { layer, source, producers, inputShapes, outputShape: outputShapeOf(layer, first, complain) };
    byName.set(layer.name, node);
    return node;
  });
  return { name: workload.name, file, nodes };
}
