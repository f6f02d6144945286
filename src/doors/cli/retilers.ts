/** How a layer of the command line's network is tiled again, on other hardware. */

import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { tileOperation } from '../../model/tiling/tileProgram.ts';
import { isQuantised, type Operation, type Program } from '../../model/workload/program.ts';
import type { Retile } from '../../studies/explain/tileLevers.ts';
import { type LoadedNetwork, loadProgram, type NetworkOptions } from './networkCommand.ts';

export interface Retilers {
  /** As the same options would tile it on that hardware. */
  readonly retile: Retile;
  /** As the generator would, where the workload file gives the tile; undefined where it does not. */
  readonly generate: Retile | undefined;
}

type Tiled = Exclude<Operation, { unit: 'free' }>;

function withoutTile(operation: Tiled): Tiled {
  const { tile: _, ...overrides } = operation.overrides ?? {};
  return { ...operation, overrides } as Tiled;
}

/** The retilers of the layer of a name. */
export function retilersOf(options: NetworkOptions, { program, settings }: LoadedNetwork, name: string): Retilers {
  const place = program.operations.findIndex((each) => each.unit !== 'free' && each.name === name);
  // A compiler's tiles are cut to the array: another array, another program.
  const keyOf = ({ array }: Hardware): string => (options.tiles === 'file' ? `${array.rows}×${array.columns}` : '');
  const programs = new Map<string, Program>([[keyOf(settings.hardware), program]]);
  const tile = (hardware: Hardware, change: (operation: Tiled) => Tiled): Layer => {
    const onArray = programs.get(keyOf(hardware)) ?? loadProgram(options, hardware);
    programs.set(keyOf(hardware), onArray);
    const { operations, file } = onArray;
    return tileOperation(change(operations[place] as Tiled), isQuantised(onArray, place), hardware, file);
  };
  const isGiven = (program.operations[place] as Tiled).overrides?.tile !== undefined;
  return {
    retile: (hardware) => tile(hardware, (operation) => operation),
    generate: isGiven ? (hardware) => tile(hardware, withoutTile) : undefined,
  };
}
