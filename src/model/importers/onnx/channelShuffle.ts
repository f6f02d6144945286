/** A channel shuffle is written as a reshape, a transpose and a reshape; only the second one moves anything. */
import type { LayerBuilder, LayerDraft } from './layerBuilder.ts';

type Layers = Pick<LayerBuilder, 'layers' | 'outputSizes'>;

const dimensionsOf = (layer: LayerDraft | undefined): string => JSON.stringify(layer?.['dimensions']);

/** The layers without reshapes before and after a shuffle that leave the image as it is. */
export function withoutShuffleReshapes({ layers, outputSizes }: Layers): Layers {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const readers = new Map<string, LayerDraft[]>();
  for (const layer of layers) {
    for (const input of layer.inputs) {
      const known = readers.get(input);
      if (known === undefined) readers.set(input, [layer]);
      else known.push(layer);
    }
  }
  /** A layer that is gone, and what its readers read instead. */
  const instead = new Map<string, string>();
  const sizes = new Map(outputSizes);
  const isOnlyReshape = (layer: LayerDraft | undefined, shuffle: LayerDraft): layer is LayerDraft =>
    layer?.op === 'reshape' && dimensionsOf(layer) === dimensionsOf(shuffle);
  for (const shuffle of layers.filter(({ op }) => op === 'channel-shuffle')) {
    const before = byName.get(shuffle.inputs[0]!);
    if (isOnlyReshape(before, shuffle) && readers.get(before.name)?.length === 1) {
      instead.set(before.name, before.inputs[0]!);
    }
    const [after, ...others] = readers.get(shuffle.name) ?? [];
    if (isOnlyReshape(after, shuffle) && others.length === 0) {
      instead.set(after.name, shuffle.name);
      sizes.set(shuffle.name, outputSizes.get(after.name)!);
    }
  }
  const source = (name: string): string => {
    const next = instead.get(name);
    return next === undefined ? name : source(next);
  };
  for (const name of instead.keys()) sizes.delete(name);
  return {
    layers: layers
      .filter(({ name }) => !instead.has(name))
      .map((layer) => ({ ...layer, inputs: layer.inputs.map(source) })),
    outputSizes: sizes,
  };
}
