/** The outcome of a verification, as data for JSON and as a table. */

import { shownName } from '../../model/schemas/printable.ts';
import type { Failure, Kind, Tally, Verification, VerificationPlan } from '../../studies/verify/verification.ts';
import { names, numbers } from './columnFit.ts';
import { integer } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

export interface VerifyReport {
  readonly seed: string;
  readonly corruption?: string;
  readonly cases: number;
  readonly failures: number;
  readonly kinds: readonly (Tally & {
    readonly kind: Kind;
    readonly operations: readonly (Tally & { readonly operation: string })[];
  })[];
  /** The first failures of each kind, each with the command that runs it alone. */
  readonly failed: readonly (Failure & { readonly rerun: string })[];
}

const sum = (tallies: readonly Tally[], of: keyof Tally): number =>
  tallies.reduce((total, tally) => total + tally[of], 0);

/** Kinds in the plan's order, operations by name. */
export function verifyReport({ plan, tallies, failures }: Verification): VerifyReport {
  const kinds = [...tallies].map(([kind, byOperation]) => {
    const operations = [...byOperation]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([operation, tally]) => ({ operation, ...tally }));
    return { kind, cases: sum(operations, 'cases'), failures: sum(operations, 'failures'), operations };
  });
  return {
    seed: plan.seed,
    ...(plan.corruption === undefined ? {} : { corruption: plan.corruption }),
    cases: sum(kinds, 'cases'),
    failures: sum(kinds, 'failures'),
    kinds,
    failed: failures.map((failure) => ({ ...failure, rerun: rerunCommand(plan, failure) })),
  };
}

function rerunCommand({ seed, corruption }: VerificationPlan, { kind, index }: Failure): string {
  const quotedSeed = /^[\w.-]+$/.test(seed) ? seed : `'${seed.replaceAll("'", "'\\''")}'`;
  const corrupt = corruption === undefined ? '' : ` --corrupt ${corruption}`;
  return `npx systole verify --seed ${quotedSeed} --kind ${kind} --only ${index}${corrupt}`;
}

/** Cases and failures per kind and operation, then the failures in words. */
export function verifyTable(report: VerifyReport, room: number): string {
  const { seed, corruption, kinds, failed } = report;
  const columns = [names('kind'), names('operation'), numbers('cases'), numbers('failures')];
  const row = (kind: string, operation: string, tally: Tally): string[] => [
    kind,
    operation,
    integer(tally.cases),
    integer(tally.failures),
  ];
  const rows = kinds.flatMap(({ kind, operations }) =>
    operations.map((tally, place) => row(place === 0 ? kind : '', tally.operation, tally)),
  );
  const sections = [
    `seed ${shownName(seed)}${corruption === undefined ? '' : `, corrupted on purpose: ${corruption}`}`,
    plainTable(columns, [...rows, columns.map(() => ''), row('all', '', report)], room),
    ...failed.map(({ kind, operation, message, rerun }) => `${kind}, ${operation}: ${message}\n  ${rerun}`),
    verdict(report),
  ];
  return `${sections.map((section) => wrapped(section, room)).join('\n\n')}\n`;
}

function verdict({ cases, failures, failed }: VerifyReport): string {
  if (failures === 0) return cases === 1 ? 'The case passed.' : `All ${integer(cases)} cases passed.`;
  const shown = failed.length < failures ? `; the first ${failed.length} are above` : '';
  return `${integer(failures)} of ${integer(cases)} cases failed${shown}.`;
}
