/** The options that run a run again of which there is a file. */
import { assumptionNames, HARDWARE } from '../../model/schedule/assumptions.ts';
import type { RunFile } from '../../model/schemas/runFile.ts';
import { DEFAULT_BATCH } from '../../model/workload/program.ts';
import { presetNames } from './files.ts';

/**
 * The options of a run, as `--compare` takes them in quotes, or undefined where its file does not say them: it names
 * hardware and workload, but not where files of them lie, and memory in words.
 */
export function optionsOfRunFile(run: RunFile): string | undefined {
  const { hardware, workload, phase, batch, assumptions = [], expansion, dram, fuse = 'none' } = run;
  const arePresets = presetNames('hw').includes(hardware) && presetNames('workloads').includes(workload);
  if (!arePresets || dram !== 'ideal') return undefined;
  const isTraining = phase === 'training';
  const isPlain = assumptions.join() === assumptionNames(HARDWARE).join();
  return [
    `-c ${hardware} -t ${workload}`,
    ...(isTraining ? ['--phase training'] : []),
    ...(batch === DEFAULT_BATCH[isTraining ? 'training' : 'inference'] ? [] : [`--batch ${batch}`]),
    ...(isTraining && expansion !== undefined && expansion !== 'exact' ? [`--expansion ${expansion}`] : []),
    ...(isPlain ? [] : [`--assume ${assumptions.join(',')}`]),
    ...(fuse === 'none' ? [] : [`--fuse ${fuse}`]),
  ].join(' ');
}
