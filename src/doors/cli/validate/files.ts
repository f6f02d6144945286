/** Files that are only checked: each is read as the commands that use it read it. */
import type { Formula } from '../../../model/formulas/formula.ts';
import { printable } from '../../../model/schemas/printable.ts';
import { loadHardware } from '../options.ts';
import { loadGraph, prepareWorkload } from '../workloadFile.ts';

/** A file that is fine. */
export interface CheckedFile {
  readonly kind: string;
  readonly file: string;
  readonly holds: string;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** The array that cuts a compiler's tiles where there is no hardware. */
const ANY_HARDWARE = 'HI1';

/** Reads files as the commands that use them do, and says what each holds; an InputError for what is wrong with one. */
export async function checkFiles(
  formulas: readonly (readonly [file: string, formula: Formula])[],
  { hardware = [], workload = [] }: { readonly hardware: readonly string[]; readonly workload: readonly string[] },
): Promise<CheckedFile[]> {
  const checked: CheckedFile[] = formulas.map(([file, { name, columns }]) => ({
    kind: 'formula',
    file,
    holds: `${name}: ${counted(columns.length, 'column')}`,
  }));
  const points = hardware.map((file) => {
    const point = loadHardware(file, 'inference');
    checked.push({ kind: 'hardware', file, holds: `${point.name}: ${point.array.rows}×${point.array.columns}` });
    return point;
  });
  for (const file of workload) {
    await prepareWorkload(file);
    const graph = loadGraph(file, undefined, points[0] ?? loadHardware(ANY_HARDWARE, 'inference'));
    checked.push({ kind: 'workload', file, holds: `${graph.name}: ${counted(graph.nodes.length, 'layer')}` });
  }
  return checked;
}

/** A line for each file. */
export function* checkedLines(files: readonly CheckedFile[]): Generator<string> {
  for (const { kind, file, holds } of files) yield `${printable(`${kind} ${file}: fine (${holds})`)}\n`;
}
