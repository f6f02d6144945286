/** The options that run a run again of which there is a file. */
import { FUSIONS } from '../../model/fusion/groups.ts';
import { ASSUMPTIONS, assumptionNames, HARDWARE } from '../../model/schedule/assumptions.ts';
import { BATCH } from '../../model/schemas/bounds.ts';
import type { RunFile } from '../../model/schemas/runFile.ts';
import { EXPANSIONS } from '../../model/workload/expansion.ts';
import { DEFAULT_BATCH } from '../../model/workload/program.ts';
import { presetNames } from './files.ts';

const isOneOf = <Word extends string>(words: readonly Word[], text: string): text is Word =>
  (words as readonly string[]).includes(text);

/** Whether a file says all that options would, and nothing else: it names files and memories in words alone. */
function saysAll({
  hardware,
  workload,
  batch,
  assumptions,
  expansion = 'exact',
  dram,
  fuse = 'none',
}: RunFile): boolean {
  return (
    isOneOf(presetNames('hw'), hardware) &&
    isOneOf(presetNames('workloads'), workload) &&
    Number.isInteger(batch) &&
    batch >= 1 &&
    batch <= BATCH.most &&
    assumptions?.every((name) => isOneOf([...ASSUMPTIONS, 'keep-resident'], name)) === true &&
    isOneOf(EXPANSIONS, expansion) &&
    isOneOf(FUSIONS, fuse) &&
    dram === 'ideal'
  );
}

/** The options of a run, as `--compare` takes them in quotes, or undefined where its file does not say them. */
export function optionsOfRunFile(run: RunFile): string | undefined {
  const { hardware, workload, phase, batch, assumptions = [], expansion = 'exact', fuse = 'none' } = run;
  if (!isOneOf(['inference', 'training'], phase) || !saysAll(run)) return undefined;
  const isPlain = assumptions.join() === assumptionNames(HARDWARE).join();
  return [
    `-c ${hardware} -t ${workload}`,
    ...(phase === 'inference' ? [] : [`--phase ${phase}`]),
    ...(batch === DEFAULT_BATCH[phase] ? [] : [`--batch ${batch}`]),
    ...(phase === 'inference' || expansion === 'exact' ? [] : [`--expansion ${expansion}`]),
    ...(isPlain ? [] : [`--assume ${assumptions.join()}`]),
    ...(fuse === 'none' ? [] : [`--fuse ${fuse}`]),
  ].join(' ');
}
