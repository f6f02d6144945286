/** `systole run`: a network on a hardware point, closed form and simulation side by side. */
import { extname } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { VARIANTS } from '../analytical/multipliers.ts';
import { runNetwork } from '../crosscheck/network.ts';
import { runCsv } from '../report/runCsv.ts';
import { type RunReport, runReport } from '../report/runReport.ts';
import { runTable } from '../report/runTable.ts';
import { assumptionNames } from '../schedule/assumptions.ts';
import { tileProgram } from '../tiling/tileProgram.ts';
import { inferenceProgram } from '../workload/forward.ts';
import { EXPANSIONS, trainingProgram } from '../workload/training.ts';
import { emit } from './files.ts';
import { loadGraph, loadHardware, parseAssumptions, positiveInteger } from './options.ts';
import { drive } from './progress.ts';

/** The paper's batches. */
const DEFAULT_BATCH = { inference: 1, training: 32 } as const;

const FORMATS = ['table', 'json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

const RENDER: Readonly<Record<Format, (report: RunReport) => string>> = {
  table: runTable,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  csv: runCsv,
};

/** The format asked for, else the one that the output file's name implies, else a table. */
function formatOf(asked: Format | undefined, output: string | undefined): Format {
  const implied = FORMATS.find((format) => output !== undefined && extname(output) === `.${format}`);
  return asked ?? implied ?? 'table';
}

export function runCommand(): Command {
  const command = new Command('run')
    .description('run a network tile by tile, with the closed form beside it')
    .requiredOption('-c, --hardware <preset|file>', "hardware: HI1–HI3, HT1–HT3, or a JSON file (ours or SimDIT's)")
    .requiredOption('-t, --workload <preset|file>', 'network: resnet18, resnet50, vgg16, alexnet, or a JSON file')
    .addOption(
      new Option('--phase <phase>', 'what to run')
        .choices(['inference', 'training'] as const)
        .default('inference' as const),
    )
    .option('--batch <n>', 'images per batch (default: 1 in inference, 32 in training)', positiveInteger)
    .addOption(
      new Option('--expansion <variant>', 'what a training iteration consists of')
        .choices(EXPANSIONS)
        .default('exact' as const),
    )
    .option(
      '--assume <assumptions>',
      'paper, hardware, or a list of full-edge-tiles, lockstep, no-psum-hazard, reload-operands, keep-resident',
      parseAssumptions,
      parseAssumptions('hardware'),
    )
    .addOption(
      new Option('--closed-form <variant>', 'how the closed form rounds')
        .choices(VARIANTS)
        .default('published' as const),
    )
    .addOption(
      new Option('--tiles <source>', "tiles of a SimDIT workload: the generator's or the file's")
        .choices(['generator', 'file'] as const)
        .default('generator' as const),
    )
    .addOption(
      new Option('--dram <model>', 'DRAM behind the interfaces').choices(['ideal'] as const).default('ideal' as const),
    )
    .option('--seed <n>', 'seed of everything random (nothing is, with ideal DRAM)', '1')
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option('-o, --output <file>', 'write the result to a file instead of stdout')
    .action(async (options) => {
      const { phase } = options;
      const hardware = loadHardware(options.hardware, phase);
      const graph = loadGraph(options.workload, options.tiles, hardware);
      const batch = options.batch ?? DEFAULT_BATCH[phase];
      const program =
        phase === 'inference' ? inferenceProgram(graph, batch) : trainingProgram(graph, batch, options.expansion);
      const layers = tileProgram(program, hardware);
      const outcomes = await drive(runNetwork(layers, hardware, options.assume, options.closedForm));
      const settings = {
        hardware,
        workload: graph.name,
        phase,
        batch,
        assumptions: assumptionNames(options.assume),
        closedFormVariant: options.closedForm,
        ...(phase === 'training' ? { expansion: options.expansion } : {}),
      };
      emit(RENDER[formatOf(options.format, options.output)](runReport(settings, outcomes)), options.output);
    });
  return command as unknown as Command;
}
