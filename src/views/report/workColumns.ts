/** Issued and useful work as columns of a CSV file. */
import { columnsOf } from '../../model/layers/result.ts';
import type { Work } from '../../model/network/work.ts';

/** `issued.peUtilisation`, `useful.macs`, `useful.dramBits.ifmap`, … with their values. */
export function workColumns({ issued, useful }: Work): [string, number][] {
  const named = (name: string, figures: object): [string, number][] =>
    [...columnsOf(figures)].map(([column, value]) => [`${name}.${column}`, value]);
  return [...named('issued', issued), ...named('useful', useful)];
}
