/** The file of a memory's energy: read and checked. */
import { type DramEnergyFile, dramEnergySchema } from './dramEnergySchema.ts';
import { Problems } from './inputError.ts';
import { validate } from './parse.ts';

export type { DramEnergyFile } from './dramEnergySchema.ts';

/** Validates a parsed file of DRAM energy; throws an InputError that names everything that is wrong. */
export function parseDramEnergy(value: unknown, file: string): DramEnergyFile {
  const energy = validate(dramEnergySchema, value, file);
  const { IDD0, IDD2N, IDD3N, IDD4R, IDD4W, IDD5AB } = energy.milliamperes;
  const problems = new Problems();
  const expect = (holds: boolean, name: string, found: number, expected: string): void => {
    if (!holds) problems.add({ file, path: `milliamperes.${name}`, value: found, expected });
  };
  // What a command takes is what it takes beyond standby.
  expect(IDD3N >= IDD2N, 'IDD3N', IDD3N, `at least IDD2N, ${IDD2N}`);
  expect(IDD0 >= IDD3N, 'IDD0', IDD0, `at least IDD3N, ${IDD3N}`);
  for (const [name, found] of Object.entries({ IDD4R, IDD4W, IDD5AB }))
    expect(found >= IDD3N, name, found, `at least IDD3N, ${IDD3N}`);
  problems.throwIfAny();
  return energy;
}
