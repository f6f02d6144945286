/** `systole critical-path`: what, cycle by cycle, the end of a network's run waits for. */
import { Option } from '@commander-js/extra-typings';
import { FUSIONS } from '../../model/fusion/groups.ts';
import { type PathReport, pathCsv, pathText } from '../../views/report/pathReport.ts';
import { criticalPathPrepared } from '../library/criticalPath.ts';
import { jsonResult } from './jsonResult.ts';
import { assumeOption, FORMATS, type Format, formatOf, loadNetwork, networkCommand } from './networkCommand.ts';
import { refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { drive } from './progress.ts';

const RENDER: Readonly<Record<Format, (report: PathReport, room: number) => string | Iterable<string>>> = {
  table: pathText,
  json: jsonResult,
  csv: pathCsv,
};

export function criticalPathCommand() {
  return networkCommand('critical-path', FORMATS)
    .description('say what, cycle by cycle, the end of a run waits for, and what more of it would be worth')
    .addOption(assumeOption())
    .addOption(
      new Option(
        '--fuse <fusion>',
        'SIMD layers that take the tiles of the conv or gemm before them over on chip (default: none)',
      ).choices(FUSIONS),
    )
    .option('--segments', 'in JSON, every segment of the path too: cycles, resource, reason, tile')
    .action(async (options) => {
      const format = formatOf(options.format, options.output);
      if (format !== 'json') refuseWithoutEffect('--segments', options.segments, '--format json');
      const network = await loadNetwork(options);
      checkOutput(options.output);
      const fused = { ...network, machine: { ...network.machine, fusion: options.fuse ?? 'none' } };
      const report = await drive(criticalPathPrepared(fused, options.assume, options.segments === true));
      await emit(RENDER[format](report, outputColumns(options.output)), options.output);
    });
}
