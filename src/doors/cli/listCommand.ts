/** `systole list`: what there is to choose from, and the layers of a network. */
import { Argument, Command, Option } from '@commander-js/extra-typings';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseWorkload } from '../../model/schemas/workload.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import { EXPANSIONS } from '../../model/workload/expansion.ts';
import { buildGraph, type Graph } from '../../model/workload/graph.ts';
import {
  type Catalogue,
  type CatalogueKind,
  catalogueTable,
  type DramEntry,
  dramEntry,
  formulaEntry,
  hardwareEntry,
  type NetworkEntry,
  nameEntries,
  networkEntry,
  operationEntries,
} from '../../views/report/catalogue.ts';
import { catalogueCsv } from '../../views/report/catalogueCsv.ts';
import { type LayerList, layerList, layerListCsv, layerListTable } from '../../views/report/layerList.ts';
import { programOf } from '../library/network.ts';
import { loadDramModel } from './dramFiles.ts';
import { DRAM_FOLDER } from './dramOptions.ts';
import { presetNames, readJson } from './files.ts';
import { FORMULA_FOLDER, loadFormula } from './formulaFiles.ts';
import { jsonResult } from './jsonResult.ts';
import { FORMATS, type Format, formatOf } from './networkCommand.ts';
import { countOption, loadHardware, refuseWithoutEffect } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { outputColumns } from './outputWidth.ts';
import { loadGraph, prepareWorkload } from './workloadFile.ts';

const KINDS = ['hardware', 'workloads', 'dram', 'operations', 'formulas'] as const satisfies readonly CatalogueKind[];
const NAMES = 'names' satisfies CatalogueKind;
const LAYERS = 'layers';

/** The array that cuts a compiler's tiles where there is no hardware: their sizes do not matter then. */
const ANY_HARDWARE = 'HI1';

/** The phases for which the machine has all operations of a network. */
function phasesOf(graph: Graph): ('inference' | 'training')[] {
  return (['inference', 'training'] as const).filter((phase) => {
    try {
      programOf(graph, { phase, batch: 1 });
      return true;
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  });
}

function networks(): NetworkEntry[] {
  return presetNames('workloads').map((preset) => {
    const { value, file } = readJson(preset, 'workloads', 'list');
    const workload = parseWorkload(value, file);
    return networkEntry(workload, phasesOf(buildGraph(workload, file)));
  });
}

function memories(): DramEntry[] {
  return presetNames(DRAM_FOLDER).flatMap((preset) => {
    const dram = loadDramModel({ dram: preset, seed: '1' });
    return dram.kind === 'banked' || dram.kind === 'latency' ? [dramEntry(dram)] : [];
  });
}

/** The lists, each made when it is asked for. */
const LISTS: { readonly [Kind in CatalogueKind]-?: () => NonNullable<Catalogue[Kind]> } = {
  hardware: () => presetNames('hw').map((preset) => hardwareEntry(loadHardware(preset, 'inference'))),
  workloads: networks,
  dram: memories,
  operations: operationEntries,
  formulas: () => presetNames(FORMULA_FOLDER).map((preset) => formulaEntry(loadFormula(preset))),
  names: nameEntries,
};

interface ListOptions {
  readonly hardware?: string | undefined;
  readonly workload?: string | undefined;
  readonly phase?: 'inference' | 'training' | undefined;
  readonly batch?: number | undefined;
  readonly expansion?: (typeof EXPANSIONS)[number] | undefined;
}

async function layersOf(options: ListOptions): Promise<LayerList> {
  const { hardware: nameOrPath, workload, phase = 'inference' } = options;
  if (workload === undefined) {
    throw new InputError({ file: '--workload', path: '', expected: 'a network whose layers to list (it is missing)' });
  }
  await prepareWorkload(workload);
  const hardware = loadHardware(nameOrPath ?? ANY_HARDWARE, phase);
  if (phase === 'inference') refuseWithoutEffect('--expansion', options.expansion, '--phase training');
  const program = programOf(loadGraph(workload, undefined, hardware), { ...options, phase });
  if (nameOrPath === undefined) return layerList(program);
  return layerList(program, { hardware: hardware.name, layers: tileProgram(program, hardware) });
}

function renderedLayers(list: LayerList, format: Format, room: number): Iterable<string> {
  switch (format) {
    case 'table':
      return layerListTable(list, room);
    case 'json':
      return jsonResult(list);
    case 'csv':
      return layerListCsv(list);
  }
}

function renderedLists(kinds: readonly CatalogueKind[], format: Format, room: number): Iterable<string> {
  if (format === 'csv' && kinds.length > 1) {
    throw new InputError({
      file: '--format',
      path: '',
      value: format,
      expected: `table or json, or one of ${KINDS.join(', ')}`,
    });
  }
  const catalogue: Catalogue = Object.fromEntries(kinds.map((kind) => [kind, LISTS[kind]()]));
  switch (format) {
    case 'table':
      return catalogueTable(catalogue, room);
    case 'json':
      return jsonResult(catalogue);
    case 'csv':
      return catalogueCsv(catalogue, kinds[0]!);
  }
}

export function listCommand() {
  return new Command('list')
    .description(
      'what there is to choose from (hardware, networks, memories, operations, formulas), the names that formulas can read, or the layers of a network',
    )
    .addArgument(
      new Argument('[what]', 'one of the lists (default: all but names and layers)').choices([
        ...KINDS,
        NAMES,
        LAYERS,
      ] as const),
    )
    .option('-t, --workload <preset|file>', 'with layers: the network')
    .option('-c, --hardware <preset|file>', 'with layers: the hardware whose tiles to show')
    .addOption(new Option('--phase <phase>', 'with layers: what to run').choices(['inference', 'training'] as const))
    .option('--batch <n>', 'with layers: images per batch', countOption(BOUNDS.batch))
    .addOption(
      new Option('--expansion <variant>', 'with layers: what a training iteration consists of').choices(EXPANSIONS),
    )
    .addOption(new Option('--format <format>', 'of the result (default: table)').choices(FORMATS))
    .option('-o, --output <file>', 'write the result to a file instead of stdout (-)')
    .action(async (what, options) => {
      const format = formatOf(options.format, options.output);
      const room = outputColumns(options.output);
      checkOutput(options.output);
      if (what === LAYERS) {
        const list = await layersOf(options);
        checkOutput(options.output); // now that it is known what is read
        await emit(renderedLayers(list, format, room), options.output);
        return;
      }
      for (const name of ['workload', 'hardware', 'phase', 'batch', 'expansion'] as const) {
        refuseWithoutEffect(`--${name}`, options[name], 'list layers');
      }
      await emit(renderedLists(what === undefined ? KINDS : [what], format, room), options.output);
    });
}
