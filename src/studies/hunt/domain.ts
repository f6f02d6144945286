/** Where a formula is hunted: the layers of which a relation in the names of formulas is true. */
import type { Formula } from '../../model/formulas/formula.ts';
import { parseFormula } from '../../model/formulas/parseFormula.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';

/** A relation for the layers of each array; all layers of one without. */
export type Relations = Readonly<Partial<Record<Layer['unit'], string | undefined>>>;

/** Whether a layer is looked at. */
export type Domain = (layer: Layer, hardware: Hardware) => boolean;

/** The relations compiled; throws an InputError that says where one is wrong, by `file` and `path`. */
export function domainOf(relations: Relations, file: string, path = 'where'): Domain {
  const compiled = new Map<Layer['unit'], Formula>();
  for (const [unit, where] of Object.entries(relations) as [Layer['unit'], string | undefined][]) {
    if (where !== undefined) compiled.set(unit, compile(unit, where, file, path));
  }
  if (compiled.size === 0) return () => true;
  return (layer, hardware) =>
    compiled.get(layer.unit)?.on(hardware).column(layer, 'cycles') !== undefined || !compiled.has(layer.unit);
}

/** A formula that says something of exactly the layers of which the relation is true. */
function compile(unit: Layer['unit'], where: string, file: string, path: string): Formula {
  try {
    return parseFormula({ name: 'where', rules: [{ for: unit, where, cycles: '1' }] }, file);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map((problem) => ({ ...problem, path: `${path}.${unit}` })));
  }
}
