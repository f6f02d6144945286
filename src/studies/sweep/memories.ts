/** Memories whose fields vary: a field by its path in the file, and the memory that a change of some makes. */

import { LAYOUTS, type Layout } from '../../model/dram/layout.ts';
import { type DramModel, SHARINGS, type Sharing } from '../../model/dram/model.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import { parseDram } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseLatency } from '../../model/schemas/latency.ts';

type Field = number | string;

/** A word of a memory that stays as it is. */
export const AS_GIVEN = 'as given';

/** Fields of a file that are words for readers, or say what kind it is. */
const IN_WORDS = ['$schema', 'name', 'description', 'model'];

/** How a run uses a memory, beside what its file says; by the names that go with it. */
const USES: Readonly<Record<DramModel['kind'], readonly string[]>> = {
  ideal: [],
  peak: [],
  latency: ['seed'],
  banked: ['layout', 'sharing'],
};

/** A number or a word of a memory, by its path in the file; undefined where it has none there. */
export function memoryField(dram: DramModel, path: string): Field | undefined {
  if (dram.kind === 'ideal' || dram.kind === 'peak') return undefined;
  if (USES[dram.kind].includes(path)) return (dram as unknown as Record<string, Field>)[path];
  if (IN_WORDS.includes(path)) return undefined;
  const found = path.split('.').reduce<unknown>((at, key) => {
    const isGroup = typeof at === 'object' && at !== null && !Array.isArray(at) && Object.hasOwn(at, key);
    return isGroup ? (at as Record<string, unknown>)[key] : undefined;
  }, dram.spec);
  return typeof found === 'number' || typeof found === 'string' ? found : undefined;
}

function pathsIn(group: object, before: string): string[] {
  return Object.entries(group).flatMap(([key, value]: [string, unknown]) => {
    if (typeof value === 'number' || typeof value === 'string') return [before + key];
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isGroup ? pathsIn(value, `${before}${key}.`) : [];
  });
}

/** The paths of all that can be changed in a memory. */
export function memoryPaths(dram: DramModel): string[] {
  if (dram.kind === 'ideal' || dram.kind === 'peak') return [];
  return [...USES[dram.kind], ...pathsIn(dram.spec, '').filter((path) => !IN_WORDS.includes(path))];
}

/** A group of fields with the one at a path replaced. */
function replaced(group: object, [key, ...rest]: readonly string[], value: Field): object {
  const inner = (group as Record<string, unknown>)[key!];
  return { ...group, [key!]: rest.length === 0 ? value : replaced(inner as object, rest, value) };
}

/**
 * A memory with some fields changed; what it does not have, and a word `as given`, changes nothing. Throws an InputError, by the name of `file`,
 * where that makes no memory.
 */
export function changedMemory(dram: DramModel, changes: Readonly<Record<string, Field>>, file: string): DramModel {
  if (dram.kind === 'ideal' || dram.kind === 'peak') return dram;
  const own = Object.entries(changes).filter(
    ([path, value]) => memoryField(dram, path) !== undefined && value !== AS_GIVEN,
  );
  if (own.length === 0) return dram;
  const uses = Object.fromEntries(own.filter(([path]) => USES[dram.kind].includes(path)));
  const spec = own
    .filter(([path]) => !USES[dram.kind].includes(path))
    .reduce<object>((group, [path, value]) => replaced(group, path.split('.'), value), dram.spec);
  if (dram.kind === 'latency') return { ...dram, ...uses, spec: parseLatency(spec, file) };
  const changed = { ...dram, ...(uses as { layout?: Layout; sharing?: Sharing }), spec: parseDram(spec, file) };
  const {
    sharing,
    layout,
    spec: { organization },
  } = changed;
  const expectOne = (path: string, value: string, all: readonly string[]): void => {
    if (!all.includes(value)) throw new InputError({ file, path, value, expected: all.join(', ') });
  };
  expectOne('layout', layout, LAYOUTS);
  expectOne('sharing', sharing, SHARINGS);
  if (sharing === 'split' && organization.channels < INTERFACES.length) {
    const expected = `shared or private, because split takes at least ${INTERFACES.length} channels`;
    throw new InputError({ file, path: 'sharing', value: sharing, expected });
  }
  return changed;
}
