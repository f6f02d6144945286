/** The memories of a design space: at each point the one that its values make. */
import type { DramModel } from '../../model/dram/model.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { keyOver } from './costKeys.ts';
import { changedMemory } from './memories.ts';
import { type Digits, isOfMemory, type Setting, type Spanned, settingAt } from './setting.ts';
import { axesRead, type Constraint, digitsOf, latticeSize } from './space.ts';

/** The memory of a setting; each is made once. Throws an InputError, by the name of `file`, where there is none. */
export function memoryOf(drams: Readonly<Record<string, DramModel>>, file: string): (setting: Setting) => DramModel {
  const known = new Map<string, DramModel>();
  return ({ dram = 'ideal', memory }) => {
    if (memory === undefined) return drams[dram]!;
    const key = JSON.stringify([dram, memory]);
    const made = known.get(key) ?? changedMemory(drams[dram]!, memory, `${file}: dram`);
    known.set(key, made);
    return made;
  };
}

/** More combinations are not tried out before the sweep begins. */
const MOST_TRIED = 1 << 12;

/** Throws what is wrong with a value of the memory that is wrong whatever else varies. */
function demandUse(spanned: Spanned, problemAt: (digits: Digits) => InputError | undefined): void {
  const { axes } = spanned;
  const read = axesRead(
    spanned,
    [...axes, ...(spanned.derived ?? [])].map((each) => each.parameter).filter(isOfMemory),
  );
  const places = axes.flatMap(({ parameter }, place) => (read.includes(parameter) ? [place] : []));
  const own = places.map((place) => axes[place]!);
  if (latticeSize(own) > MOST_TRIED) return;
  const only = own.length === 0 ? problemAt(new Int32Array(axes.length)) : undefined;
  if (only !== undefined) throw only;
  const usable = own.map(() => new Set<number>());
  const problems = own.map(() => new Map<number, InputError>());
  for (let index = 0; index < latticeSize(own); index++) {
    const ownDigits = digitsOf(own, index);
    const digits = new Int32Array(axes.length);
    ownDigits.forEach((digit, i) => {
      digits[places[i]!] = digit;
    });
    const problem = problemAt(digits);
    ownDigits.forEach((digit, i) => {
      if (problem === undefined) usable[i]!.add(digit);
      else if (!problems[i]!.has(digit)) problems[i]!.set(digit, problem);
    });
  }
  for (const [i, all] of problems.entries()) {
    for (const [digit, problem] of all) if (!usable[i]!.has(digit)) throw problem;
  }
}

/**
 * Where something in the memory varies, it must be one. Throws an InputError for a value with which it is none, whatever
 * else varies.
 */
export function memoryConstraint(spanned: Spanned, file: string): Constraint[] {
  const { axes, derived = [], drams = {} } = spanned;
  const varying = [...axes, ...derived].map(({ parameter }) => parameter).filter(isOfMemory);
  if (varying.every((parameter) => parameter === 'dram')) return [];
  const at = memoryOf(drams, file);
  const key = keyOver(spanned, isOfMemory);
  const known = new Map<number, InputError | undefined>();
  const problem = (digits: Digits): InputError | undefined => {
    try {
      at(settingAt(spanned, digits));
      return undefined;
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  };
  const problemAt = (digits: Digits): InputError | undefined => {
    const number = key.of(digits);
    if (!known.has(number)) known.set(number, problem(digits));
    return known.get(number);
  };
  demandUse(spanned, problemAt);
  return [
    {
      text: 'dram is a memory with all that varies in it',
      parameters: axesRead(spanned, varying),
      holds: (digits) => problemAt(digits) === undefined,
    },
  ];
}
