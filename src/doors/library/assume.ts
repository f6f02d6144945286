/** Which assumptions the machine makes, by name. */
import {
  ASSUMPTIONS,
  type Assumption,
  type Assumptions,
  assumptionsOf,
  PAPER_ASSUMPTIONS,
} from '../../model/schedule/assumptions.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';

/**
 * A switch of the machine: an assumption, or `keep-resident`, the opposite of `reload-operands`; or several: the
 * `paper`'s four, or those of the `hardware`, which are what holds where nothing is said.
 */
export type AssumptionName = Assumption | 'keep-resident' | 'paper' | 'hardware';

/** One name or several; without `keep-resident` operands are reloaded. */
export type Assume = AssumptionName | readonly AssumptionName[];

/** What is wrong with a list of names. */
export interface WrongAssumptions {
  readonly expected: string;
  /** The name that is none, and what was probably meant by it: `; did you mean lockstep?`. */
  readonly unknown?: { readonly name: string; readonly meant: string };
}

/** The assumptions of a list of names; whatever is wrong with it is refused. */
export function assumptionsNamed(asked: readonly string[], refuse: (wrong: WrongAssumptions) => never): Assumptions {
  const known: readonly string[] = [...ASSUMPTIONS, 'keep-resident'];
  const unknown = asked.find((name) => name !== 'paper' && name !== 'hardware' && !known.includes(name));
  if (unknown !== undefined) {
    const meant = didYouMean(String(unknown), ['paper', 'hardware', ...known]);
    refuse({ expected: `paper, hardware, or a list of ${known.join(', ')}`, unknown: { name: unknown, meant } });
  }
  const names = asked.flatMap((name) => (name === 'paper' ? PAPER_ASSUMPTIONS : name === 'hardware' ? [] : [name]));
  const keeps = names.includes('keep-resident');
  if (keeps && names.includes('reload-operands')) {
    refuse({ expected: 'reload-operands or keep-resident, which exclude each other' });
  }
  if (names.includes('prefetch') && names.includes('lockstep')) {
    const expected = 'prefetch or lockstep, which exclude each other: lockstep is a barrier after each segment';
    refuse({ expected });
  }
  const switches = names.filter((name): name is Assumption => name !== 'keep-resident');
  return assumptionsOf(new Set<Assumption>(keeps ? switches : [...switches, 'reload-operands']));
}

/** The assumptions meant; throws an InputError for a name that is none and for two that exclude each other. */
export function assumptionsMeant(assume: Assume): Assumptions {
  const asked: readonly string[] = Array.isArray(assume) ? assume : [assume];
  return assumptionsNamed(asked, ({ expected, unknown }) => {
    const value = unknown?.name ?? assume;
    throw new InputError({ file: 'options', path: 'assume', value, expected: expected + (unknown?.meant ?? '') });
  });
}
