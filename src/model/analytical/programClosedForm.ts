/** A whole program by the closed form. */
import type { Result } from '../layers/result.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { distinctOperations, tileDistinct } from '../tiling/distinctOperations.ts';
import type { Program } from '../workload/program.ts';
import { closedForm } from './closedForm.ts';
import type { Variant } from './multipliers.ts';

/**
 * All columns of every layer of a program on a hardware, in program order without free operations. Identical layers are
 * tiled and evaluated once, and share their result. Throws an InputError for the first layer that does not fit.
 */
export function programClosedForm(program: Program, hardware: Hardware, variant: Variant): Result[] {
  const { list, ofLayers } = distinctOperations(program);
  const results = tileDistinct(list, hardware, program.file).map(({ layer }) => closedForm(layer, hardware, variant));
  return ofLayers.map((place) => results[place]!);
}
