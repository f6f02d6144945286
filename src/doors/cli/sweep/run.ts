/** Runs a sweep in its folder: all of it, a shard of its evaluations, or what is left once all shards are there. */
import { rmSync, statSync } from 'node:fs';
import { InputError } from '../../../model/schemas/inputError.ts';
import { prepareSweep, type Sweep, type SweepInput } from '../../../studies/sweep/sweep.ts';
import type { SweepReport } from '../../../views/report/sweepReport.ts';
import { type Evaluate, evaluationsOfAll, type Need, search } from '../../library/sweepSearch.ts';
import { driveWithTimeLeft } from '../progress.ts';
import { type StopWatch, watchForStop } from '../signals.ts';
import { claimFolder, type SweepFolder } from './folder.ts';
import { type CostRecord, type Evaluator, evaluationsIn, type Job, jobsOf, learn, unknownOf } from './jobs.ts';
import { openJournal, readJournal } from './journal.ts';
import { fingerprintOf } from './load.ts';
import { writeResults } from './results.ts';
import { jobsOfShard, rangesOf, type Shard, shardInWords, shardOfJob } from './shard.ts';

/** A sweep with the folder in which it is at work, and all that earlier runs have left there. */
interface Begun {
  readonly sweep: Sweep;
  readonly folder: SweepFolder;
  readonly fingerprint: string;
  readonly interrupt: StopWatch;
  /** Searches with what is known, and what `evaluate` makes known. */
  readonly search: (evaluate: Evaluate) => ReturnType<typeof search>;
}

/** Prepares a sweep, takes its folder, or a shard there, and learns what is known; whatever is wrong shows before. */
async function inFolder<Result>(
  input: SweepInput,
  output: string,
  shard: Shard | undefined,
  work: (begun: Begun) => Promise<Result>,
): Promise<Result> {
  const sweep = prepareSweep(input);
  const interrupt = watchForStop();
  try {
    const needed = await evaluationsOfAll(sweep, driveWithTimeLeft);
    const folder = await claimFolder(output, shard);
    const fingerprint = fingerprintOf(input);
    try {
      for (const { path } of folder.shardJournals()) {
        for (const record of readJournal(path, fingerprint)) learn(sweep, record);
      }
      const searched = async (evaluate: Evaluate) => {
        const findings = await search(
          sweep,
          needed,
          (needs) => {
            interrupt.check();
            return evaluate(needs);
          },
          driveWithTimeLeft,
        );
        interrupt.check();
        folder.check();
        return findings;
      };
      return await work({ sweep, folder, fingerprint, interrupt, search: searched });
    } finally {
      folder.release();
    }
  } finally {
    interrupt.off();
  }
}

const allJobs = (sweep: Sweep, needs: readonly Need[]): Job[] => needs.flatMap((need) => jobsOf(sweep, need));

/** Does work with the journal of the sweep or the shard; every answer goes there before it is known. */
async function withJournal<Result>(
  { sweep, folder, fingerprint, interrupt }: Begun,
  work: (journal: { readonly take: (record: CostRecord) => void; readonly remove: () => void }) => Promise<Result>,
): Promise<Result> {
  const journal = openJournal(folder.path('journal'), fingerprint, folder.check);
  try {
    for (const record of journal.records) learn(sweep, record);
    interrupt.check();
    const take = (record: CostRecord): void => {
      journal.append(record);
      learn(sweep, record);
    };
    return await work({ take, remove: journal.remove });
  } finally {
    journal.close();
  }
}

function removeShards({ shardJournals, removeShard }: SweepFolder): void {
  for (const { shard } of shardJournals()) removeShard(shard);
}

/** Searches, writes the folder's files and returns the report; the journals go when all are written. */
export function runSweep(input: SweepInput, output: string, evaluator: Evaluator): Promise<SweepReport> {
  return inFolder(input, output, undefined, (begun) =>
    withJournal(begun, async ({ take, remove }) => {
      const { sweep, folder } = begun;
      const findings = await begun.search((needs) => evaluator(unknownOf(sweep, allJobs(sweep, needs)), take));
      const report = await writeResults(folder, sweep, findings);
      remove();
      removeShards(folder);
      return report;
    }),
  );
}

/** What has become of a shard. */
export interface ShardOutcome {
  /** Evaluations that fell to it, and all that there are as far as is known. */
  readonly own: number;
  readonly all: number;
  /** How many of all nobody has made yet, as far as the folder's journals say. */
  readonly missing: number;
}

/** Ends a search that needs what others do. */
class NeedsOthers extends Error {}

/**
 * Evaluates a shard: of all points, and where the other shards are in the folder already, of what the search asks for
 * next. Writes no results.
 */
export function runShard(input: SweepInput, output: string, shard: Shard, evaluator: Evaluator): Promise<ShardOutcome> {
  return inFolder(input, output, shard, (begun) =>
    withJournal(begun, async ({ take }) => {
      const { sweep } = begun;
      let [own, all, missing] = [0, 0, 0];
      const evaluate: Evaluate = async (needs) => {
        const jobs = allJobs(sweep, needs);
        const ofShard = jobsOfShard(jobs, shard);
        own += evaluationsIn(ofShard);
        all += evaluationsIn(jobs);
        await evaluator(unknownOf(sweep, ofShard), take);
        missing = evaluationsIn(unknownOf(sweep, jobs));
        if (missing > 0) throw new NeedsOthers('the other shards');
      };
      try {
        await begun.search(evaluate);
      } catch (error) {
        if (!(error instanceof NeedsOthers)) throw error;
      }
      return { own, all, missing };
    }),
  );
}

/** The commands that fill what is missing of a sweep. */
export interface FillingCommands {
  readonly shard: (shard: string) => string;
  readonly here: string;
}

function complainOfMissing(
  sweep: Sweep,
  jobs: readonly Job[],
  folder: SweepFolder,
  output: string,
  commands: FillingCommands,
): void {
  const unknown = evaluationsIn(unknownOf(sweep, jobs));
  if (unknown === 0) return;
  const sizes = [...new Set(folder.shardJournals().map(({ shard }) => shard.n))];
  const [n] = sizes;
  const all = `all ${evaluationsIn(jobs)} evaluations; ${unknown} are missing`;
  if (n === undefined || sizes.length > 1) {
    throw new InputError({ file: output, path: '', expected: `${all}: ${commands.here}` });
  }
  const shards = new Set(
    jobs.flatMap((job, place) => (unknownOf(sweep, [job]).length > 0 ? [shardOfJob(place, n)] : [])),
  );
  const ranges = rangesOf([...shards]);
  const [only] = shards;
  const fill =
    shards.size === 1
      ? commands.shard(shardInWords({ i: only!, n }))
      : `${commands.shard(`I/${n}`)} for each I of ${ranges}`;
  const which = `${shards.size === 1 ? 'shard' : 'shards'} ${ranges} of ${n}`;
  throw new InputError({
    file: output,
    path: '',
    expected: `${all}, of ${which}: ${fill}; or all of them here: ${commands.here}`,
  });
}

/**
 * Puts together what shards have evaluated, those of the folder and other journals, and writes the results. Evaluates
 * nothing: an InputError says what is missing and which commands fill it.
 */
export function mergeShards(
  input: SweepInput,
  output: string,
  journals: readonly string[],
  commands: FillingCommands,
): Promise<SweepReport> {
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const expected = 'the folder in which the shards are';
    throw new InputError({ file: '--output', path: '', value: output, expected });
  }
  return inFolder(input, output, undefined, async (begun) => {
    const { sweep, folder, fingerprint } = begun;
    const own = folder.path('journal');
    const there = statSync(own, { throwIfNoEntry: false }) === undefined ? [] : [own];
    for (const path of [...there, ...journals]) {
      for (const record of readJournal(path, fingerprint)) learn(sweep, record);
    }
    const findings = await begun.search(async (needs) => {
      complainOfMissing(sweep, allJobs(sweep, needs), folder, output, commands);
    });
    const report = await writeResults(folder, sweep, findings);
    for (const path of there) rmSync(path, { force: true });
    removeShards(folder);
    return report;
  });
}
