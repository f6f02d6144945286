/** Which point of an energy file holds for a hardware, and what its tables say. */
import type { EnergyFile, EnergyPoint } from '../schemas/energy.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InputError } from '../schemas/inputError.ts';

/** Short forms in the match, and the paths in the hardware file that they stand for. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  rows: 'array.rows',
  columns: 'array.columns',
  ifmapBits: 'bits.ifmap',
};

/** What a point's match asks for: paths in the hardware file, with the values wanted there. */
export function wantedOf({ hardware }: EnergyPoint): (readonly [path: string, value: unknown])[] {
  return Object.entries(hardware).flatMap(([key, value]) =>
    typeof value === 'object'
      ? Object.entries(value).map(([field, each]) => [`${key}.${field}`, each] as const)
      : [[SHORT_FORMS[key] ?? key, value] as const],
  );
}

function valueAt(hardware: Hardware, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], hardware);
}

/** The first point that fits a hardware; throws an InputError where there is none. */
export function energyPointFor(energy: EnergyFile, hardware: Hardware, file: string): EnergyPoint {
  const point = energy.points.find((candidate) =>
    wantedOf(candidate).every(([path, value]) => valueAt(hardware, path) === value),
  );
  if (point !== undefined) return point;
  const asked = energy.points.flatMap((candidate) => wantedOf(candidate).map(([path]) => path));
  const actual = [...new Set(asked)].map((path) => [path, valueAt(hardware, path)]);
  throw new InputError({
    file,
    path: 'points',
    value: energy.points.map((candidate) => candidate.hardware),
    expected: `one whose "hardware" agrees with ${hardware.name}: ${JSON.stringify(Object.fromEntries(actual))}`,
  });
}

/** Energy per bit over the size of an SRAM. */
export type PerBitTable = Exclude<EnergyPoint['sramFemtojoulesPerBit']['wbuf'], number>;

/** Throws an InputError where a table of a point does not reach the size in the hardware. */
export function checkTables(energy: EnergyFile, point: EnergyPoint, hardware: Hardware, file: string): void {
  for (const [name, given] of Object.entries(point.sramFemtojoulesPerBit)) {
    const kib = hardware.sramKiB[name as keyof Hardware['sramKiB']];
    if (typeof given !== 'number' && (kib < given[0]!.kib || kib > given.at(-1)!.kib)) {
      throw new InputError({
        file,
        path: `points[${energy.points.indexOf(point)}].sramFemtojoulesPerBit.${name}`,
        value: given.map((row) => row.kib),
        expected: `a table whose kib reach ${kib}, the size in the hardware`,
      });
    }
  }
}

/** Femtojoules per bit at a size: even between two rows, beyond the ends what the next row says. */
export function interpolated(table: PerBitTable, kib: number): number {
  const above = table.findIndex((row) => row.kib >= kib);
  const high = above < 0 ? table.at(-1)! : table[above]!;
  const low = above <= 0 ? high : table[above - 1]!;
  if (low === high) return high.femtojoulesPerBit;
  const share = (kib - low.kib) / (high.kib - low.kib);
  return low.femtojoulesPerBit + share * (high.femtojoulesPerBit - low.femtojoulesPerBit);
}
