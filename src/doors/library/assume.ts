/** Which assumptions the machine makes, by name. */
import {
  ASSUMPTIONS,
  type Assumption,
  type Assumptions,
  assumptionNames,
  assumptionsOf,
  HARDWARE,
  PAPER,
} from '../../model/schedule/assumptions.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';

/** A switch of the machine: an assumption, or `keep-resident`, the opposite of `reload-operands`. */
export type AssumptionName = Assumption | 'keep-resident';

/**
 * The machine's assumptions: the `paper`'s four, those of the `hardware` (the default), or switches by name; a list
 * without `keep-resident` reloads operands.
 */
export type Assume = 'paper' | 'hardware' | readonly AssumptionName[];

/** The assumptions meant; throws an InputError for a name that is none and for two that exclude each other. */
export function assumptionsMeant(assume: Assume): Assumptions {
  if (assume === 'paper') return PAPER;
  if (assume === 'hardware') return HARDWARE;
  const known: readonly string[] = [...ASSUMPTIONS, 'keep-resident'];
  const complain = (value: unknown, expected: string): never => {
    throw new InputError({ file: 'options', path: 'assume', value, expected });
  };
  if (!Array.isArray(assume)) return complain(assume, `paper, hardware, or a list of ${known.join(', ')}`);
  const unknown = assume.find((name: string) => !known.includes(name));
  if (unknown !== undefined) complain(unknown, `one of ${known.join(', ')}${didYouMean(String(unknown), known)}`);
  const keeps = assume.includes('keep-resident');
  if (keeps && assume.includes('reload-operands')) {
    complain(assume, 'either reload-operands or keep-resident, which exclude each other');
  }
  const switches = assume.filter((name): name is Assumption => name !== 'keep-resident');
  return assumptionsOf(new Set<Assumption>(keeps ? switches : [...switches, 'reload-operands']));
}

/** The names of the assumptions that hold. */
export { assumptionNames };
