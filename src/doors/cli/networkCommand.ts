/** What the commands that take a network have in common: their options, and the layers that come of them. */
import { extname } from 'node:path';
import { Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { LAYOUTS } from '../../model/dram/layout.ts';
import { SHARINGS } from '../../model/dram/model.ts';
import { FUSIONS } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { TileSource } from '../../model/schemas/simditWorkload.ts';
import { DEPTHWISE_UNITS, type DepthwiseUnit, depthwiseUnitOf } from '../../model/workload/depthwise.ts';
import { EXPANSIONS, type Expansion } from '../../model/workload/expansion.ts';
import type { Graph } from '../../model/workload/graph.ts';
import type { Program } from '../../model/workload/program.ts';
import { depthwiseElsewhere, type PreparedNetwork, prepareProgram, programOf } from '../library/network.ts';

import {
  bankedInWords,
  clockOption,
  type DramOptions,
  idealModel,
  ranksOption,
  refreshOption,
  wckOption,
} from './dramOptions.ts';
import { countOption, loadHardware, type Phase, parseAssumptions, refuseWithoutEffect } from './options.ts';
import { say } from './stderr.ts';
import { loadGraph, prepareWorkload } from './workloadFile.ts';

export const FORMATS = ['table', 'json', 'csv'] as const;
export type Format = (typeof FORMATS)[number];
/** Those of a result that has no rows. */
export const TABLE_OR_JSON = ['table', 'json'] as const satisfies readonly Format[];

/** Which assumptions the machine makes. */
export function assumeOption() {
  return new Option(
    '--assume <assumptions>',
    'paper, hardware, or a list of full-edge-tiles, lockstep, no-psum-hazard, reload-operands, keep-resident, prefetch',
  )
    .argParser(parseAssumptions)
    .default(parseAssumptions('hardware'), 'hardware');
}

/** Which layers are fused. */
export function fuseOption() {
  return new Option(
    '--fuse <fusion>',
    'SIMD layers that take the tiles of the conv or gemm before them over on chip (default: none)',
  ).choices(FUSIONS);
}

/** What of a network runs. */
function phaseOption() {
  return new Option('--phase <phase>', 'what to run')
    .choices(['inference', 'training'] as const)
    .default('inference' as const);
}

/** The options beside network, hardware and phase that say what runs, and on which machine, behind those of a command. */
export function settingOptions<Args extends unknown[], Given extends OptionValues>(command: Command<Args, Given>) {
  return command
    .option('--batch <n>', 'images per batch (default: 1 in inference, 32 in training)', countOption(BOUNDS.batch))
    .addOption(
      new Option('--expansion <variant>', 'what a training iteration consists of (default: exact)').choices(EXPANSIONS),
    )
    .addOption(
      new Option('--depthwise <unit>', 'where depthwise convolutions run (default: as the file says, or SIMD)').choices(
        DEPTHWISE_UNITS,
      ),
    )
    .addOption(
      new Option(
        '--tiles <source>',
        "tiles of a SimDIT workload: the generator's or the file's (default: generator)",
      ).choices(['generator', 'file'] as const),
    )
    .option('--dram <ideal|preset|file>', `DRAM: ideal, latency, ${bankedInWords()}, or a JSON file`, 'ideal')
    .addOption(new Option('--dram-layout <layout>', 'how tensors lie in banked DRAM (default: tiles)').choices(LAYOUTS))
    .addOption(
      new Option(
        '--dram-sharing <sharing>',
        'channels of banked DRAM: shared by the interfaces, split, or a copy each (default: shared)',
      ).choices(SHARINGS),
    )
    .option('--dram-channels <n>', 'channels of banked DRAM, a power of two', countOption(BOUNDS.channelsOfMemory))
    .option('--dram-mapping <string>', 'address fields of banked DRAM, most significant first, such as rorabgbachco')
    .addOption(ranksOption())
    .addOption(refreshOption())
    .addOption(clockOption())
    .addOption(wckOption())
    .option(
      '--no-fast-forward',
      'step every tile: stretches that repeat are jumped over otherwise, with the same result',
    )
    .option('--seed <n>', "seed of everything random (a latency DRAM's jitter)", '1');
}

/** A command with the options that choose a network and a hardware point. */
export function networkOptions(name: string) {
  return settingOptions(
    new Command(name)
      .requiredOption('-c, --hardware <preset|file>', "hardware: HI1–HI3, HT1–HT3, or a JSON file (ours or SimDIT's)")
      .requiredOption(
        '-t, --workload <preset|file>',
        'network: a preset (resnet50, mobilenet_v2, vgg16, …), or a JSON, ONNX or SCALE-Sim CSV file',
      )
      .addOption(phaseOption()),
  );
}

/** A command with the options that choose a network, a hardware point and an output in one of some formats. */
export function networkCommand<Formats extends readonly Format[]>(name: string, formats: Formats) {
  return networkOptions(name)
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(formats))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)');
}

/** The options of a network command, as parsed. */
export interface NetworkOptions extends DramOptions {
  readonly hardware: string;
  readonly workload: string;
  readonly phase: Phase;
  readonly batch?: number | undefined;
  /** `exact` unless given. */
  readonly expansion?: Expansion | undefined;
  readonly tiles?: TileSource | undefined;
  readonly depthwise?: DepthwiseUnit | undefined;
  readonly fastForward: boolean;
}

/** What was chosen, tiled and ready to run. */
export type LoadedNetwork = PreparedNetwork;

/** The network; an InputError where it has no depthwise convolutions and an array for them was asked for. */
export function loadCheckedGraph({ workload, tiles, depthwise }: NetworkOptions, hardware: Hardware): Graph {
  const graph = loadGraph(workload, tiles, hardware);
  const has = graph.nodes.some((node) => depthwiseUnitOf(node) !== undefined);
  if (!has) refuseWithoutEffect('--depthwise', depthwise, 'a network with depthwise convolutions');
  return graph;
}

/** The depthwise layers of the options' network on the other array. */
export function loadElsewhere(options: NetworkOptions, { settings }: LoadedNetwork): Layer[] {
  return depthwiseElsewhere(loadGraph(options.workload, options.tiles, settings.hardware), options, settings.hardware);
}

/** What the options have run on a hardware point: the array decides how a compiler's tiles are cut. */
export function loadProgram(options: NetworkOptions, hardware: Hardware): Program {
  if (options.phase === 'inference') refuseWithoutEffect('--expansion', options.expansion, '--phase training');
  return programOf(loadCheckedGraph(options, hardware), options);
}

/** So many take a moment to be tiled. */
const OPERATIONS_WORTH_A_WORD = 100_000;

/** Loads hardware and workload, derives the program and tiles it; throws an InputError for anything wrong. */
export async function loadNetwork(options: NetworkOptions): Promise<LoadedNetwork> {
  await prepareWorkload(options.workload);
  const hardware = loadHardware(options.hardware, options.phase);
  const program = loadProgram(options, hardware);
  const dram = idealModel(options) ?? (await import('./dramFiles.ts')).loadDramModel(options);
  const { length } = program.operations;
  if (length >= OPERATIONS_WORTH_A_WORD) say(`systole: tiling ${length} operations\n`);
  return prepareProgram(program, hardware, { ...options, dram });
}

/** The format asked for, else the one that the output file's name implies, else a table. */
export function formatOf(asked: Format | undefined, output: string | undefined): Format {
  const implied = FORMATS.find((format) => output !== undefined && extname(output) === `.${format}`);
  return asked ?? implied ?? 'table';
}

/** The same of a result that has no CSV; an InputError where one is asked for. */
export function tableOrJson(asked: Format | undefined, output: string | undefined): 'table' | 'json' {
  const format = formatOf(asked, output);
  if (format !== 'csv') return format;
  throw new InputError({ file: '--format', path: '', value: format, expected: 'table or json' });
}
