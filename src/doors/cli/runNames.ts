/** What two runs on a page are called: the first by all that it is, the second by what sets it apart. */
import type { RunFile } from '../../model/schemas/runFile.ts';
import { clockInWords, setApart, titleOf, wordsOf } from '../../views/report/runInWords.ts';
import type { TraceSettings } from '../../views/trace/traceFile.ts';
import type { GivenOptions } from './optionSet.ts';
import type { TraceJob } from './traceOutput.ts';

/** What stands in a run's name anyway. */
const IN_NAME = ['--hardware', '--workload', '--phase', '--batch'];

/** Options that the other run has not, or has otherwise. */
function ownOptions(
  own: GivenOptions,
  other: GivenOptions,
  leftOut: readonly string[],
): [string, string | undefined][] {
  return [...own].filter(([name, value]) => !leftOut.includes(name) && !(other.has(name) && other.get(name) === value));
}

function inWords(options: readonly [string, string | undefined][]): string {
  return options.map(([name, value]) => (value === undefined ? name : `${name} ${value}`)).join(' ');
}

interface NamedRun {
  readonly settings: TraceSettings;
  readonly given: GivenOptions;
}

/** The names of two runs of which the options are known. */
export function namesOfRuns(a: NamedRun, b: NamedRun): [string, string] {
  const [nameA, nameB] = [titleOf(a.settings), titleOf(b.settings)];
  const isSame = nameA === nameB;
  const [ofA, ofB] = [
    ownOptions(a.given, b.given, isSame ? [] : IN_NAME),
    ownOptions(b.given, a.given, isSame ? [] : IN_NAME),
  ];
  const withOptions = (options: readonly [string, string | undefined][]): string[] =>
    options.length === 0 ? [] : [`with ${inWords(options)}`];
  const without = ofA.map(([name]) => name).filter((name) => !b.given.has(name));
  const first = [nameA, ...withOptions(ofA)].join(' ');
  const second = [...(isSame ? [] : [nameB]), ...withOptions(ofB)];
  return [first, second.length > 0 ? second.join(' ') : `without ${without.join(' ')}`];
}

/** The names of a run and of another that comes from a file. */
export function namesWithFile({ network, settings }: TraceJob, run: RunFile, file: string): [string, string] {
  const { expansion = '' } = network.settings;
  const ofFile = wordsOf(run);
  const ofTrace = {
    title: titleOf(settings),
    settings: {
      // A trace has no closed form of its own and no energy: they set nothing apart.
      ...ofFile.settings,
      machine: settings.assumptions.join(', '),
      DRAM: settings.dram,
      fused: network.machine.fusion ?? 'none',
      expansion,
      clock: clockInWords(settings.clockPicoseconds),
      'made by version': settings.version,
    },
  };
  const [a, b] = setApart(ofTrace, ofFile);
  return [a, `${file}: ${b}`];
}
