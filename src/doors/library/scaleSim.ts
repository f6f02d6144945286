/** SCALE-Sim's topologies as workloads. */
import { importScaleSim } from '../../model/importers/scaleSim.ts';
import type { Workload } from '../../model/schemas/workload.ts';

/**
 * A network from the text of a SCALE-Sim topology (CSV): a list of layers that do not feed each other. `name` is what it
 * is called. Throws an InputError that names everything that is wrong.
 */
export function parseScaleSim(text: string, { name = 'scale-sim' }: { readonly name?: string } = {}): Workload {
  return importScaleSim(text, name, name).workload;
}
