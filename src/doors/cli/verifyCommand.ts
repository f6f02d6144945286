/** `systole verify`: proves the machine below the tile on random cases. */
import { Command, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { CORRUPTIONS, type CorruptionName } from '../../studies/verify/corruptions.ts';
import { KINDS, type Kind, verify } from '../../studies/verify/verification.ts';
import { verifyReport, verifyTable } from '../../views/report/verifyReport.ts';
import { jsonResult } from './jsonResult.ts';
import { TABLE_OR_JSON, tableOrJson } from './networkCommand.ts';
import { countOption, naturalOption } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { driveLong } from './progress.ts';

/** Kinds of cases that carry real data. */
const WITH_DATA: readonly Kind[] = ['functional', 'fused'];

/** What failed is in the result; scripts see it here. */
const EXIT_FAILED = 1;

export function verifyCommand() {
  return new Command('verify')
    .description('prove the machine on random small cases: PE array and SIMD pipeline stepped, real data through tiles')
    .option('--seed <text>', 'seed of all cases', '1')
    .option('--cases <n>', 'cases of each kind', countOption(BOUNDS.cases), 1000)
    .addOption(new Option('--kind <kind>', 'only cases of this kind').choices(KINDS))
    .option(
      '--only <index>',
      'only the case with this number, counted from 0; needs --kind',
      naturalOption(BOUNDS.cases),
    )
    .addOption(
      new Option(
        '--corrupt <fault>',
        'put a fault into the functional cases (or those of --kind fused): they must fail',
      ).choices(Object.keys(CORRUPTIONS) as CorruptionName[]),
    )
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(TABLE_OR_JSON))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
    .action(async ({ seed, cases, kind, only, corrupt, format: asked, output }) => {
      const format = tableOrJson(asked, output);
      if (only !== undefined && kind === undefined) {
        throw new InputError({ file: '--only', path: '', value: only, expected: '--kind with it' });
      }
      const kinds = kind !== undefined ? [kind] : corrupt !== undefined ? (['functional'] as const) : KINDS;
      if (corrupt !== undefined && kind !== undefined && !WITH_DATA.includes(kind)) {
        throw new InputError({ file: '--corrupt', path: '', value: corrupt, expected: 'functional or fused cases' });
      }
      checkOutput(output);
      const outcome = await driveLong(verify({ seed, cases, kinds, only, corruption: corrupt }), (pause) => ({
        share: pause.done / pause.cases,
        text: `case ${pause.done + 1} of ${pause.cases}, ${pause.kind}`,
      }));
      const report = verifyReport(outcome);
      if (report.failures > 0) process.exitCode = EXIT_FAILED; // whoever reads may go before the end
      await emit(format === 'json' ? jsonResult(report) : verifyTable(report, outputColumns(output)), output);
    });
}
