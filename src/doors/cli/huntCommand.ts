/** `systole hunt`: the case at which a formula is most wrong, made as small as it gets, as files of its own. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { FORMULA_COLUMNS } from '../../model/formulas/formula.ts';
import { parseFormula } from '../../model/formulas/parseFormula.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { printableJson } from '../../model/schemas/printable.ts';
import { expectOperations, parseHuntBounds } from '../../studies/hunt/bounds.ts';
import { Hunt } from '../../studies/hunt/hunt.ts';
import { SIDES } from '../../studies/hunt/verdict.ts';
import { checkTable } from '../../views/report/checkTable.ts';
import { type HuntReport, huntTable } from '../../views/report/huntReport.ts';
import { checkPrepared } from '../library/check.ts';
import {
  ALONE,
  DEFAULT_CASES,
  DEFAULT_TOLERANCE_PERCENT,
  huntSpecOf,
  reportOf,
  shrinkingInWords,
} from '../library/hunt.ts';
import { prepareNetwork } from '../library/network.ts';
import { readJson } from './files.ts';
import { makeFolder } from './folder.ts';
import { runSearches } from './hunt/searches.ts';
import { jsonResult } from './jsonResult.ts';
import { assumeOption, TABLE_OR_JSON } from './networkCommand.ts';
import { countOption, loadHardware, parseAssumptions } from './options.ts';
import { checkOutput, emit } from './output/emit.ts';
import { writeWhole } from './output/wholeFile.ts';
import { outputColumns } from './outputWidth.ts';
import { drive, driveLong } from './progress.ts';
import { DEFAULT_MEGABYTES, writeTrace } from './traceOutput.ts';
import { parseNames } from './traceSelection.ts';

function parsePercent(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= BOUNDS.percent.most)) {
    throw new InvalidArgumentError(`expected percent, from 0 to ${BOUNDS.percent.most}.`);
  }
  return value;
}

const FILES = {
  hardware: 'hardware.json',
  workload: 'workload.json',
  waterfall: 'waterfall.txt',
  timeline: 'timeline.html',
  result: 'result.json',
} as const;

/** A word of a command line as a shell reads it. */
const shellWord = (word: string): string =>
  /^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** What shows the case of a folder again: the steps to the machine, and the formula beside it. */
function commandsFor(folder: string, formula: string, { found, assumptions }: HuntReport): string[] {
  if (found === undefined) return [];
  const [hardware, workload] = [FILES.hardware, FILES.workload].map((file) => shellWord(join(folder, file)));
  const { phase, batch } = found;
  const run = `-c ${hardware} -t ${workload} --batch ${batch}${phase === 'training' ? ' --phase training' : ''}`;
  return [
    `npx systole check ${run}`,
    `npx systole validate ${shellWord(formula)} ${run} --assume ${assumptions.join(',')}`,
  ];
}

const jsonOf = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Writes what there is to see of the case: its two files, the steps to the machine, what happens when. */
async function writeCase(folder: string, report: HuntReport, assume: Assumptions): Promise<void> {
  const { found } = report;
  if (found !== undefined) {
    const { hardware, workload, phase, batch } = found;
    writeWhole(join(folder, FILES.hardware), jsonOf(hardware));
    writeWhole(join(folder, FILES.workload), jsonOf(workload));
    const network = prepareNetwork(workload, hardware, { phase, batch });
    const isSteppable = !found.ladder.every(({ name }) => name !== 'paper');
    if (isSteppable) {
      const check = await drive(checkPrepared(network, {}, undefined));
      writeWhole(join(folder, FILES.waterfall), [...checkTable(check, outputColumns(folder))].join(''));
    }
    const output = join(folder, FILES.timeline);
    await writeTrace(network, { format: 'html', output, assume, maxSize: DEFAULT_MEGABYTES });
  }
  writeWhole(join(folder, FILES.result), printableJson([...jsonResult(report)].join('')));
}

function parseHuntAssumptions(text: string): Assumptions {
  const assumptions = parseAssumptions(text);
  if (assumptions.prefetch) throw new InvalidArgumentError(`expected ${ALONE}.`);
  return assumptions;
}

export function huntCommand() {
  return new Command('hunt')
    .description('search for the case at which a formula is most wrong, and make it as small as it gets')
    .argument('<formula>', 'a formula that comes along (published, ceiling, …) or a JSON file')
    .addOption(
      new Option('--column <name>', 'what of the formula is held against the machine')
        .choices(FORMULA_COLUMNS)
        .default('cycles'),
    )
    .addOption(assumeOption().argParser(parseHuntAssumptions))
    .option('--tolerance <percent>', 'how far it may be off', parsePercent, DEFAULT_TOLERANCE_PERCENT)
    .addOption(
      new Option('--side <side>', 'where it says too much (over), too little (under), or either')
        .choices(SIDES)
        .default('either' as const),
    )
    .option('--operations <names>', 'only these, a list (systole list operations)', parseNames)
    .option('--bounds <preset|file>', 'how far the numbers of layers and hardware go, and what must hold of a layer')
    .option('-c, --hardware <preset|file>', 'only on this hardware')
    .option('--cases <n>', 'cases that the machine runs', countOption(BOUNDS.cases), DEFAULT_CASES)
    .option('--seed <text>', 'the same seed gives the same result', '1')
    .option(
      '--workers <n>',
      'threads (default: all cores); the result does not depend on it',
      countOption(BOUNDS.workers),
    )
    .addOption(
      new Option('--format <format>', 'of the result on stdout').choices(TABLE_OR_JSON).default('table' as const),
    )
    .option('-o, --output <folder>', 'folder for the case: its two files, waterfall, timeline and result')
    .action(async (name, options) => {
      const { column, assume, tolerance, side, operations, cases, seed, output, format } = options;
      const { workers = availableParallelism() } = options;
      const read = readJson(name, 'hw/formulas', 'formula');
      const formula = parseFormula(read.value, read.file);
      if (operations !== undefined) expectOperations(operations, '--operations');
      const bounds = options.bounds === undefined ? undefined : readJson(options.bounds, 'hw/hunts', '--bounds');
      const hardware = options.hardware === undefined ? undefined : loadHardware(options.hardware, 'inference');
      const spec = huntSpecOf(formula, {
        ...{ column, assumptions: assume, tolerancePercent: tolerance, side, seed, cases, operations, hardware },
        bounds: bounds && parseHuntBounds(bounds.value, bounds.file),
      });
      checkOutput(undefined);
      if (output !== undefined) makeFolder(output);
      const hunt = new Hunt(formula, spec);
      const work = { formula: { value: read.value, file: read.file }, spec };
      const results = await runSearches(work, hunt.searches, workers);
      const shrinking = reportOf(hunt, formula, spec, results);
      const report = await driveLong(shrinking, (tried) => ({ share: 1, text: shrinkingInWords(tried) }));
      if (output !== undefined) await writeCase(output, report, assume);
      const again = output === undefined ? [] : commandsFor(output, name, report);
      await emit(format === 'json' ? jsonResult(report) : huntTable(report, again, outputColumns(undefined)));
    });
}
