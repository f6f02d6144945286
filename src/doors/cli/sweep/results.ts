/** What a finished sweep leaves in its folder. */
import { printableJson } from '../../../model/schemas/printable.ts';
import type { Sweep } from '../../../studies/sweep/sweep.ts';
import { ownModel } from '../../../studies/sweep/sweepSpec.ts';
import { type Findings, plottedOf, type SweepReport, sweepReport } from '../../../views/report/sweepReport.ts';
import { sweepSvgs } from '../figureSvg.ts';
import { jsonResult } from '../jsonResult.ts';
import { writeWhole } from '../output/wholeFile.ts';
import { driveLong, timeLeft } from '../progress.ts';
import { PLOTS, type SweepFolder, temporary } from './folder.ts';
import { writeRows } from './rows.ts';

/** A report as JSON, in which no character of a name is raw. */
export const sweepJson = (report: SweepReport): string => printableJson([...jsonResult(report)].join(''));

/** Draws what there is to draw; of a plot that this sweep has not, that of an earlier one goes. */
async function writePlots(folder: SweepFolder, sweep: Sweep, findings: Findings, report: SweepReport): Promise<void> {
  const svgs =
    sweep.spec.plots === 'all' ? await sweepSvgs(report, plottedOf(sweep, findings, report)) : new Map<never, never>();
  folder.removeOld(PLOTS.filter((plot) => !svgs.has(plot as never)));
  for (const [plot, svg] of svgs) writeWhole(folder.path(plot), svg, temporary(folder.path(plot)));
}

/** Writes the folder's files: the points first, then the result, which says that all is there. */
export async function writeResults(folder: SweepFolder, sweep: Sweep, findings: Findings): Promise<SweepReport> {
  const { spec } = sweep;
  const report = sweepReport(sweep, findings);
  if (spec.points === 'all') {
    const { pointsCovered } = findings.survey.count;
    const pareto = new Set(findings.survey.pareto.map(({ index }) => index));
    const left = timeLeft();
    await driveLong(writeRows(folder, sweep, sweep.costs(ownModel(spec)), pareto), (rows) => {
      const share = rows / pointsCovered;
      return { share, text: `${rows} of ${pointsCovered} rows written${left(share)}` };
    });
  } else {
    folder.removeOld(['csv', 'parquet']);
  }
  await writePlots(folder, sweep, findings, report);
  const result = folder.path('result');
  writeWhole(result, sweepJson(report), temporary(result));
  return report;
}
