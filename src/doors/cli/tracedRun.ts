/** What `systole trace` runs: the options that say it, and the network that comes of them. */
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { withCycleStepped } from '../library/network.ts';
import { assumeOption, fuseOption, type LoadedNetwork, loadNetwork, networkOptions } from './networkCommand.ts';

/** A command with the options that say what runs on which machine, and no action yet. */
export function tracedRunOptions(name: string) {
  return networkOptions(name).addOption(assumeOption()).addOption(fuseOption());
}

/** These options, as parsed. */
export type TracedRunOptions = ReturnType<ReturnType<typeof tracedRunOptions>['opts']>;

/** A network, and how it runs. */
export interface TracedRun {
  readonly network: LoadedNetwork;
  readonly assume: Assumptions;
}

/** The network of the options; throws an InputError for anything wrong. */
export async function loadTracedRun(options: TracedRunOptions): Promise<TracedRun> {
  const network = await loadNetwork(options);
  const machine = { ...network.machine, fusion: options.fuse ?? 'none' };
  return { network: { ...network, machine }, assume: options.assume };
}

/** The run with some layers computed below the tile; throws an InputError for a layer that there is not. */
export async function withStepped(
  { network, assume }: TracedRun,
  names: readonly string[] | undefined,
): Promise<TracedRun> {
  if (names === undefined || names.length === 0) return { network, assume };
  return { network: await withCycleStepped(network, [...names], '--cycle-stepped'), assume };
}
