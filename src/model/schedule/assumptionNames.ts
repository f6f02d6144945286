/** Which assumptions are meant by a list of names. */
import { didYouMean } from '../schemas/nearest.ts';
import { ASSUMPTIONS, type Assumption, type Assumptions, assumptionsOf, PAPER_ASSUMPTIONS } from './assumptions.ts';

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
