/** Layers as users name them. */
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';

/** Layer names shown when there is none of the name asked for. */
const MOST_NAMES = 8;

/**
 * The layer of a name, whether letters are large or small if only one is meant; an InputError that lists the names
 * most like it if there is none.
 */
export function layerNamed<Layer extends { readonly name: string }>(
  layers: readonly Layer[],
  name: string,
  option = '--layer',
): Layer {
  const exact = layers.find((layer) => layer.name === name);
  if (exact !== undefined) return exact;
  const asked = name.toLowerCase();
  const [alike, ...others] = layers.filter((layer) => layer.name.toLowerCase() === asked);
  if (alike !== undefined && others.length === 0) return alike;
  const likeness = (other: string): number => {
    let same = 0;
    while (same < asked.length && asked[same] === other[same]) same++;
    return other.includes(asked) ? asked.length + 1 : same;
  };
  const names = layers
    .map((layer) => ({ name: layer.name, likeness: likeness(layer.name.toLowerCase()) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, MOST_NAMES)
    .map((each) => each.name);
  const meant = didYouMean(
    name,
    layers.map((layer) => layer.name),
  );
  const expected = `a layer of the network, such as ${names.join(', ')}${meant}`;
  throw new InputError({ file: option, path: '', value: name, expected });
}
