/** The second run of `systole trace --compare`: its options in one argument, or the JSON file of a run. */
import { InputError } from '../../model/schemas/inputError.ts';
import { parseRunFile, type RunFile } from '../../model/schemas/runFile.ts';
import { readJsonFile } from './files.ts';
import { type GivenOptions, givenOptions, isOptionSet, parseOptionSet, withDefaults } from './optionSet.ts';
import { loadTracedRun, type TracedRun, type TracedRunOptions, tracedRunOptions } from './tracedRun.ts';

const ARGUMENT = '--compare';

/** The run that it stands beside: its options as parsed, and as given. */
export interface FirstRun {
  readonly options: TracedRunOptions;
  readonly given: GivenOptions;
}

/** A run to be traced, with its options as they would be given alone; or the figures of one. */
export type SecondRun =
  | { readonly kind: 'options'; readonly run: TracedRun; readonly given: GivenOptions }
  | { readonly kind: 'file'; readonly name: string; readonly file: RunFile };

/**
 * Options that name hardware and workload are a run's own, as `systole diff` takes them; others change the first run's.
 * Throws an InputError for anything wrong with them, or with the file, and for options that change nothing.
 */
export async function secondRun(argument: string, first: FirstRun): Promise<SecondRun> {
  if (!isOptionSet(argument)) {
    const { value, file } = readJsonFile(argument, ARGUMENT, 'the JSON file of a run, or the options of one');
    return { kind: 'file', name: file, file: parseRunFile(value, file) };
  }
  const { options, given } = optionsOf(argument, first);
  if (isSame(given, ownOf(first.given))) {
    const expected = 'options that change something; without --hardware and --workload they change those of the trace';
    throw new InputError({ file: ARGUMENT, path: '', value: argument, expected });
  }
  return { kind: 'options', run: await saidOf(ARGUMENT, () => loadTracedRun(options)), given };
}

function optionsOf(argument: string, first: FirstRun): { options: TracedRunOptions; given: GivenOptions } {
  const parse = (defaults: Partial<TracedRunOptions>): { options: TracedRunOptions; given: GivenOptions } => {
    const command = tracedRunOptions('trace');
    withDefaults(command, defaults);
    const given = givenOptions(command);
    const said = { argument: ARGUMENT, expected: 'options that say what runs, or the JSON file of a run' };
    return { options: parseOptionSet(command, argument, said), given };
  };
  const changed = parse(first.options);
  const isWhole = changed.given.has('--hardware') && changed.given.has('--workload');
  return isWhole ? parse({}) : { ...changed, given: new Map([...ownOf(first.given), ...changed.given]) };
}

/** Of the trace's options those that say what runs. */
function ownOf(given: GivenOptions): GivenOptions {
  const own = new Set(tracedRunOptions('trace').options.map(({ long }) => long));
  return new Map([...given].filter(([name]) => own.has(name)));
}

function isSame(a: GivenOptions, b: GivenOptions): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.has(name) && b.get(name) === value);
}

/** Says of what is wrong with a run that it is the second. */
async function saidOf<Result>(argument: string, load: () => Promise<Result>): Promise<Result> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map((problem) => ({ ...problem, file: `${argument}: ${problem.file}` })));
  }
}
