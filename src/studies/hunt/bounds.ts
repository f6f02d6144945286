/** Bounds file → spans of the numbers, operations, domain: with every name known, and each span one that there is. */
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { type HuntBounds, huntBoundsSchema } from '../../model/schemas/huntBounds.ts';
import { Problems } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { validate } from '../../model/schemas/parse.ts';
import { domainOf } from './domain.ts';
import { huntedOperations } from './operations.ts';
import { DEFAULT_SPANS, LIMITS, type Span } from './space.ts';

/** Throws an InputError for names that no operation has. */
export function expectOperations(names: readonly string[], file: string, path = ''): void {
  const known = huntedOperations().map(({ op }) => op);
  const problems = new Problems();
  for (const value of names) {
    if ((known as readonly string[]).includes(value)) continue;
    const expected = `an operation that can be hunted on: ${known.join(', ')}${didYouMean(value, known)}`;
    problems.add({ file, path, value, expected });
  }
  problems.throwIfAny();
}

/** The bounds of a hunt from the data of a file; throws an InputError that names everything that is wrong. */
export function parseHuntBounds(value: unknown, file: string): HuntBounds {
  const bounds = validate(huntBoundsSchema, value, file);
  const problems = new Problems();
  const names = Object.keys(DEFAULT_SPANS);
  for (const [name, given] of Object.entries(bounds.numbers)) {
    const path = `numbers.${name}`;
    const usual = DEFAULT_SPANS[name];
    if (usual === undefined) {
      problems.add({ file, path, expected: `the name of a number (${names.join(', ')})${didYouMean(name, names)}` });
      continue;
    }
    const { least, most } = spanOf(given, usual);
    const limit = LIMITS[name]!;
    if (least > most || least < limit.least || most > limit.most) {
      problems.add({ file, path, value: given, expected: `from ${limit.least} to ${limit.most}, the least first` });
    }
  }
  problems.throwIfAny();
  if (bounds.operations !== undefined) expectOperations(bounds.operations, file, 'operations');
  domainOf(bounds.where, file);
  return bounds;
}

function spanOf(given: HuntBounds['numbers'][string], usual: Span): Span {
  if (typeof given === 'number') return { least: given, most: given };
  const { least = Math.min(usual.least, given.most ?? usual.most), most = Math.max(usual.most, least) } = given;
  return { least, most };
}

/** The spans of all numbers; lockstep, which loads ahead, needs two slots in the buffers of the systolic array. */
export function spansOf({ numbers }: Pick<HuntBounds, 'numbers'>, { lockstep }: Assumptions): Record<string, Span> {
  const spans: Record<string, Span> = { ...DEFAULT_SPANS };
  for (const [name, given] of Object.entries(numbers)) spans[name] = spanOf(given, DEFAULT_SPANS[name]!);
  if (!lockstep) return spans;
  for (const name of ['slots.wbuf', 'slots.ibuf', 'slots.obuf', 'slots.bbuf']) {
    const { least, most } = spans[name]!;
    spans[name] = { least: Math.max(2, least), most: Math.max(2, most) };
  }
  return spans;
}
