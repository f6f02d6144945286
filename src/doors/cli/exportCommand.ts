/** `systole export`: a training iteration in the words of another simulator. */
import { Argument, Option } from '@commander-js/extra-typings';
import { runNetwork } from '../../model/network/network.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { printableColumns } from '../../model/schemas/printable.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import { DEFAULT_BATCH } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { astraSimText } from '../../views/report/astraSim.ts';
import { DEFAULT_EXPANSION } from '../library/network.ts';
import { loadDramModel } from './dramFiles.ts';
import { assumeOption, networkOptions } from './networkCommand.ts';
import { loadHardware } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { drive } from './progress.ts';
import { loadGraph, prepareWorkload } from './workloadFile.ts';

const PICOSECONDS_PER_NANOSECOND = 1000;

export function exportCommand() {
  return networkOptions('export')
    .description("write a training iteration for another simulator: ASTRA-sim's text workload")
    .addArgument(new Argument('<format>', 'for whom').choices(['astra-sim'] as const))
    .addOption(assumeOption())
    .addOption(new Option('--unit <unit>', 'of times').choices(['cycles', 'ns'] as const).default('cycles' as const))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
    .action(async (_format, options, command) => {
      // Only a training iteration has what the file asks for.
      if (command.getOptionValueSource('phase') === 'cli' && options.phase !== 'training') {
        throw new InputError({ file: '--phase', path: '', value: options.phase, expected: 'training, if it is given' });
      }
      const hardware = loadHardware(options.hardware, 'training');
      await prepareWorkload(options.workload);
      const graph = loadGraph(options.workload, options.tiles, hardware);
      const program = trainingProgram(
        graph,
        options.batch ?? DEFAULT_BATCH.training,
        options.expansion ?? DEFAULT_EXPANSION,
      );
      const machine = { dram: loadDramModel(options), fastForward: options.fastForward };
      const layers = tileProgram(program, hardware);
      checkOutput(options.output);
      const { layers: outcomes } = await drive(runNetwork(layers, hardware, options.assume, 'published', machine));
      const cycles = new Map(outcomes.map(({ layer, simulated }) => [layer.name, simulated.totalCycles] as const));
      const unitsPerCycle = options.unit === 'ns' ? hardware.clockPicoseconds / PICOSECONDS_PER_NANOSECOND : 1;
      const text = astraSimText(graph, program.operations, cycles, { unitsPerCycle, gradientBits: hardware.bits.psum });
      await emit(text, options.output, printableColumns);
    });
}
