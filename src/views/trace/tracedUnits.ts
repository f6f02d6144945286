/** What of a network is run as one: a layer, or a fused group, which a trace shows as two layers. */
import { aloneOf, type FusedProgram, fuse } from '../../model/fusion/fuse.ts';
import type { FusedGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { RunOptions } from '../../model/network/network.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { layersOfGroup } from './fusedSide.ts';

/** A layer, or a fused group. */
export interface TracedUnit {
  /** The layers of the trace: the layer itself, or the two sides of the group. */
  readonly shown: readonly Layer[];
  /** Of a group: that as a program of its own, and its members as the machine runs them. */
  readonly group?: { readonly group: FusedGroup; readonly members: readonly Layer[] };
}

/** A network as it runs, and as a trace shows it. */
export interface TracedProgram extends FusedProgram {
  readonly units: readonly TracedUnit[];
}

/** The layers and groups of a network, in program order. */
export function tracedProgram(
  layers: readonly Layer[],
  hardware: Hardware,
  { fusion = 'none' }: Pick<RunOptions, 'fusion'>,
): TracedProgram {
  const program = fuse(layers, hardware, fusion);
  const firsts = new Map(program.groups.map((group) => [group.first, group] as const));
  const units: TracedUnit[] = [];
  for (let place = 0; place < layers.length; place++) {
    const group = firsts.get(place);
    if (group === undefined) {
      units.push({ shown: [program.layers[place]!] });
      continue;
    }
    const members = program.layers.slice(group.first, group.last + 1);
    units.push({ shown: layersOfGroup(group, hardware.array.columns), group: { group: aloneOf(group), members } });
    place = group.last;
  }
  return { ...program, units };
}

/** How many layers of the program a unit is. */
export function layersIn({ group }: TracedUnit): number {
  return group?.members.length ?? 1;
}
