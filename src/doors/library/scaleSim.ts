/** SCALE-Sim's topologies as workloads. */
import { importScaleSim } from '../../model/importers/scaleSim.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { text as anyText, expectInputs, options as named } from './kinds.ts';

const INPUTS = { text: anyText, options: named<{ readonly name?: string }>({ name: anyText }) };

/**
 * A network from the text of a SCALE-Sim topology (CSV): a list of layers that do not feed each other. `name` is what it
 * is called. Throws an InputError that names everything that is wrong.
 */
export function parseScaleSim(text: string, options: { readonly name?: string } = {}): Workload {
  expectInputs(INPUTS, { text, options });
  const { name = 'scale-sim' } = options;
  return importScaleSim(text, name, name).workload;
}
