/** The options of `systole trace` that select what is shown. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Layer } from '../../model/layers/layer.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { LANE_KEYS } from '../../views/trace/lanes.ts';
import type { Range } from '../../views/trace/range.ts';
import type { Selection } from '../../views/trace/selection.ts';
import { TILE_DIMS, type TileRanges } from '../../views/trace/tileRanges.ts';
import type { TracedUnit } from '../../views/trace/tracedUnits.ts';
import { layerNamed } from '../library/layerNames.ts';
import { adding } from './repeatedOptions.ts';

/** As parsed; whatever is not given is not restricted. */
export interface SelectionOptions {
  readonly layer?: string[] | undefined;
  readonly steps?: Range | undefined;
  readonly tileRange?: TileRanges | undefined;
  readonly cycles?: Range | undefined;
  readonly lanes?: string[] | undefined;
}

/** Parses a list of names; an option that is given again adds to it. */
export const parseNames = adding<string[]>((text, before = []) => [
  ...before,
  ...text.split(',').map((name) => name.trim()),
]);

/** Parses a list of lanes' keys, of which the option may be given again; throws for one that no lane has. */
export const parseLaneKeys = adding<string[]>((text, before) => {
  const keys = parseNames(text, before);
  const unknown = keys.find((key) => !LANE_KEYS.includes(key));
  if (unknown === undefined) return keys;
  throw new InvalidArgumentError(
    `expected a list of ${LANE_KEYS.join(', ')}; got "${unknown}"${didYouMean(unknown, LANE_KEYS)}`,
  );
});

/** Parses `FIRST-LAST`, or one number for both. */
export function parseRange(text: string): Range {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first > last || !Number.isSafeInteger(last)) {
    throw new InvalidArgumentError('expected FIRST-LAST, whole numbers, both included.');
  }
  return { first, last };
}

/** Parses `oc=0-1,oh=2`: a range per coordinate. */
export const parseTileRanges = adding<TileRanges>((text, before = new Map()) => {
  const ranges = new Map(before);
  for (const part of text.split(',')) {
    const [dim = '', range = '', ...more] = part.split('=').map((each) => each.trim());
    if (!TILE_DIMS.includes(dim) || more.length > 0) {
      throw new InvalidArgumentError(`expected ranges such as oc=0-1,oh=2 of ${TILE_DIMS.join(', ')}; got "${part}"`);
    }
    ranges.set(dim, parseRange(range));
  }
  return ranges;
});

/**
 * What layers are called in a trace, by the names that a user gives: of a member of a fused group, the group. Throws an
 * InputError for a layer that there is not.
 */
export function tracedNames(
  names: readonly string[],
  layers: readonly Layer[],
  units: readonly TracedUnit[],
): string[] {
  const groups = new Map(
    units.flatMap(({ shown, group }) =>
      (group?.members ?? []).map((member): [string, string] => [member.name, shown[0]!.name]),
    ),
  );
  const ofGroups = new Set(groups.values());
  const named = names.map((name) => {
    if (ofGroups.has(name)) return name;
    const layer = layerNamed(layers, name);
    return groups.get(layer.name) ?? layer.name;
  });
  return [...new Set(named)];
}

/** Whether a name that a user gives is that of a layer, or of a fused group or a member of one. */
export function isTracedName(name: string, layers: readonly Layer[], units: readonly TracedUnit[]): boolean {
  try {
    return tracedNames([name], layers, units).length > 0;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** What the options select. */
export function selectionOf(options: SelectionOptions): Selection {
  const { layer, steps, tileRange, cycles, lanes } = options;
  return {
    ...(layer && { layers: new Set(layer) }),
    ...(steps && { steps }),
    ...(tileRange && { tiles: tileRange }),
    ...(cycles && { cycles }),
    ...(lanes && { lanes: new Set(lanes) }),
  };
}

/** The options, as the user gave them, for the file's head and for messages. */
export function selectionInWords(options: SelectionOptions): Record<string, string> {
  const { layer, steps, tileRange, cycles, lanes } = options;
  const rangeText = ({ first, last }: Range): string => `${first}-${last}`;
  return {
    ...(layer && { layer: layer.join(',') }),
    ...(steps && { steps: rangeText(steps) }),
    ...(tileRange && { 'tile-range': [...tileRange].map(([dim, range]) => `${dim}=${rangeText(range)}`).join(',') }),
    ...(cycles && { cycles: rangeText(cycles) }),
    ...(lanes && { lanes: lanes.join(',') }),
  };
}
