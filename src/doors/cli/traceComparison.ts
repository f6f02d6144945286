/** `systole trace --compare`: two runs in one page. */
import { WAITING_CAUSES } from '../../model/machine/waiting.ts';
import { comparedLayers, longestComparedLayers, runFromFile, tracedRun } from '../../views/trace/comparison.ts';
import { ComparedHtml } from '../../views/trace/htmlTrace.ts';
import type { LayerFigures, PageComparison } from '../../views/trace/pageData.ts';
import { tracedProgram } from '../../views/trace/tracedUnits.ts';
import type { GivenOptions } from './optionSet.ts';
import { openOutput } from './output/output.ts';
import { optionsOfRunFile } from './runFileOptions.ts';
import { namesOfRuns, namesWithFile } from './runNames.ts';
import type { SecondRun } from './secondRun.ts';
import { say } from './stderr.ts';
import { type TracedRun, withStepped } from './tracedRun.ts';
import { pageRunOf, pageTemplate, pathOfJob, type TraceJob, traceInto, traceJob } from './traceOutput.ts';
import { isTracedName, type SelectionOptions } from './traceSelection.ts';

/** Causes of a layer's cycles beside its waits. */
const OTHER_CAUSES = ['busy', 'fill', 'overlap'];

/** How the page is written. */
export interface ComparisonOutput {
  readonly output: string;
  readonly maxSize: number;
  /** Whether the page says critical paths; if not said, where that takes little. */
  readonly criticalPath?: boolean | undefined;
  /** Layers to be computed below the tile, in either run that has them. */
  readonly cycleStepped?: readonly string[] | undefined;
}

/** Runs both, the second unless it comes from a file, and writes their page; says on stderr what is left out. */
export async function writeComparison(
  first: TracedRun & { readonly given: GivenOptions },
  second: SecondRun,
  { output, maxSize, criticalPath, cycleStepped }: ComparisonOutput,
  asked: SelectionOptions,
): Promise<void> {
  const [a, b] = await jobsOf(first, second, asked, cycleStepped);
  const fromFile = second.kind === 'file' ? runFromFile(second.file) : undefined;
  const names = namesOf(a, first.given, b, second);
  const figures = fromFile && figuresOfFile(fromFile.figures, second);
  const file = await openOutput(output);
  try {
    const pathA = await pathOfJob(a, criticalPath, file.room);
    const pathB = b && (await pathOfJob(b, criticalPath, file.room));
    const page = new ComparedHtml(
      {
        template: pageTemplate(),
        megabytes: maxSize,
        a: pageRunOf(a, maxSize / 2, pathA),
        b: b && pageRunOf(b, maxSize / 2, pathB),
        longestComparison: { names, layers: longestLayers(a, b, fromFile?.figures), ...figures },
      },
      file.write,
    );
    const runA = await traceInto(page.beginA(), a, maxSize, file.room);
    const runB = b && (await traceInto(page.beginB(), b, maxSize, file.room));
    const [ofA, ofB] = [tracedRun(a.units, runA.runs), b && runB ? tracedRun(b.units, runB.runs) : fromFile!];
    page.end({ names, layers: comparedLayers(ofA, ofB), ...figures });
    await file.finish();
    for (const notice of runA.notices) say(`systole: run A: ${notice}\n`);
    if (figures !== undefined) say(`systole: run B: ${withoutTimeline(figures)}\n`);
    for (const notice of runB?.notices ?? []) say(`systole: run B: ${notice}\n`);
  } finally {
    file.discard();
  }
}

/** What the page has of a run from a file. */
function figuresOfFile(
  figures: readonly LayerFigures[],
  second: SecondRun,
): Pick<PageComparison, 'figures' | 'optionsOfB'> {
  const optionsOfB = second.kind === 'file' ? optionsOfRunFile(second.file) : undefined;
  return { figures, ...(optionsOfB !== undefined && { optionsOfB }) };
}

/** That a run from a file is not in the timeline, and how it would be. */
function withoutTimeline({ optionsOfB }: Pick<PageComparison, 'optionsOfB'>): string {
  const options = optionsOfB === undefined ? 'its options' : `its options, "${optionsOfB}",`;
  return `not in the timeline: a file of a run holds no tiles; with ${options} in place of the file it is`;
}

/** What of both is traced: each may lack layers that the other has. */
async function jobsOf(
  first: TracedRun,
  second: SecondRun,
  asked: SelectionOptions,
  cycleStepped: readonly string[] | undefined,
): Promise<[TraceJob, TraceJob | undefined]> {
  const runs = second.kind === 'options' ? [first, second.run] : [first];
  const units = runs.map(
    ({ network }) => tracedProgram(network.layers, network.settings.hardware, network.machine).units,
  );
  const layers = dealt(asked.layer, runs, (name, run) => isTracedName(name, runs[run]!.network.layers, units[run]!));
  const stepped = dealt(cycleStepped, runs, (name, run) => isTracedName(name, runs[run]!.network.layers, []));
  const [a, b] = await Promise.all(
    runs.map(async (each, run) => {
      const { network, assume } = await withStepped(each, stepped?.[run]);
      return traceJob(network, assume, { ...asked, layer: layers?.[run] }, asked);
    }),
  );
  return [a!, b];
}

/** Of names that a user gives those of each run. What none has is left to the first, which complains. */
function dealt(
  names: readonly string[] | undefined,
  runs: readonly unknown[],
  has: (name: string, run: number) => boolean,
): string[][] | undefined {
  return (
    names &&
    runs.map((_, run) =>
      names.filter((name) => has(name, run) || (run === 0 && !runs.some((_, each) => has(name, each)))),
    )
  );
}

function namesOf(a: TraceJob, given: GivenOptions, b: TraceJob | undefined, second: SecondRun): [string, string] {
  if (second.kind === 'file') return namesWithFile(a, second.file, second.name);
  return namesOfRuns({ settings: a.settings, given }, { settings: b!.settings, given: second.given });
}

function longestLayers(a: TraceJob, b: TraceJob | undefined, figures: readonly LayerFigures[] = []) {
  const causes = new Set([...OTHER_CAUSES, ...WAITING_CAUSES]);
  for (const { waiting } of figures) for (const cause of Object.keys(waiting)) causes.add(cause);
  const shownIn = ({ units }: TraceJob): number => units.reduce((sum, { shown }) => sum + shown.length, 0);
  return longestComparedLayers(shownIn(a) + (b === undefined ? figures.length : shownIn(b)), [...causes]);
}
