/** The cases of the fuzzer: each is made of a seed and a number alone. */
import seedrandom from 'seedrandom';
import { choose, integer } from '../../src/studies/verify/random.ts';
import { LANE_KEYS } from '../../src/views/trace/lanes.ts';
import { mutateBytes, mutateModel } from '../support/mutations.ts';
import { drawnNetwork } from './drawnNetwork.ts';
import { mutateJson } from './jsonMutations.ts';
import { KINDS, type Kind, type SeedFile, SMALL_NETWORKS } from './seeds.ts';
import { mutateLines } from './textMutations.ts';

type Random = seedrandom.PRNG;

/** What is run in a folder of its own. */
export interface FuzzCase {
  readonly kind: Kind;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly args: readonly string[];
  /** As a process of its own, with stdout and stderr of its own. */
  readonly isProcess: boolean;
}

/** The paper's tables take a second. */
const PAPER_SHARE = 0.003;

const TEXT_KINDS: readonly Kind[] = ['SCALE-Sim topology', 'predictions', 'request trace'];

function mutated(random: Random, kind: Kind, { bytes }: SeedFile): Uint8Array {
  if (kind === 'ONNX model') return random() < 0.5 ? mutateBytes(random, bytes) : mutateModel(random, bytes);
  if (TEXT_KINDS.includes(kind)) return mutateLines(random, Buffer.from(bytes).toString());
  return mutateJson(random, Buffer.from(bytes).toString());
}

/** An option with its values: good ones, and some that are not. */
interface Option {
  readonly name: string;
  readonly good: readonly string[];
  readonly odd?: readonly string[];
  /** It is refused where it can change nothing: without banked DRAM, in inference, with other files than SimDIT's. */
  readonly isOf?: 'banked' | 'training' | 'SimDIT';
}

const ODD_COUNTS = ['0', '-1', '1.5', '1e999', '', '0x2', ' 4', '9007199254740993', 'x'];
const BANKED_OPTIONS: readonly Option[] = [
  { name: '--dram-layout', good: ['tiles', 'nhwc', 'nchw'], isOf: 'banked' },
  { name: '--dram-sharing', good: ['shared', 'split', 'private'], isOf: 'banked' },
  { name: '--dram-channels', good: ['1', '2', '16', '64'], odd: ['3', '1024', ...ODD_COUNTS], isOf: 'banked' },
  { name: '--dram-mapping', good: ['rorabgbachco'], odd: ['rocobachbgra', 'x', '\u001b[2J'], isOf: 'banked' },
  { name: '--ranks', good: ['1', '2'], odd: ['3', '1024', ...ODD_COUNTS], isOf: 'banked' },
  { name: '--refresh', good: ['all-bank', 'off'], odd: ['per-bank', 'x'], isOf: 'banked' },
  { name: '--wck', good: ['always-on'], odd: ['x'], isOf: 'banked' },
];
const NETWORK_OPTIONS: readonly Option[] = [
  { name: '--phase', good: ['inference', 'training'], odd: ['x'] },
  { name: '--batch', good: ['1', '2', '3', '7'], odd: ['64', '1000', '999999937', '1e9', ...ODD_COUNTS] },
  { name: '--expansion', good: ['exact', 'published'], odd: ['x'], isOf: 'training' },
  { name: '--tiles', good: ['file', 'generator'], isOf: 'SimDIT' },
  {
    name: '--dram',
    good: ['ideal', 'latency', 'HBM2', 'DDR4-2400', 'LPDDR5-6400', 'HBM3-6400', 'GDDR6-14000'],
    odd: ['hbm2', '/dev/null', '', '.'],
  },
  ...BANKED_OPTIONS,
  { name: '--no-fast-forward', good: [] },
  { name: '--seed', good: ['1', '2'], odd: ['', '\u202e', 'x'.repeat(1000)] },
];
const ASSUME: Option = {
  name: '--assume',
  good: ['paper', 'hardware', 'lockstep', 'full-edge-tiles,keep-resident', 'no-psum-hazard', 'prefetch'],
  odd: ['x', '', ',', 'keep-resident,reload-operands'],
};
const RUN_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ASSUME,
  { name: '--closed-form', good: ['published', 'ceiling'] },
  { name: '--energy', good: ['fit'], odd: ['Fit', ''] },
];
const NAMES = ['conv1', 'fc', 'a', 'scores', 'q'];
const ODD_NAMES = ['', 'a.dW', '\u001b[2J', '__proto__', 'conv'];
const TRACE_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ASSUME,
  { name: '--layer', good: [...NAMES, 'conv1,fc'], odd: ODD_NAMES },
  { name: '--steps', good: ['0', '0-3', '2-5'], odd: ['1-0', '5-9007199254740993', 'x'] },
  { name: '--cycles', good: ['0-100', '500', '9007199254740991'], odd: ['-1', '1e3'] },
  { name: '--tile-range', good: ['oc=0', 'oc=0-1,oh=0', 'c=0'], odd: ['oc=1=2', 'x=1', '__proto__=1', 'oc'] },
  { name: '--lanes', good: [...LANE_KEYS, 'layers,pe-array'], odd: ['x', '', ','] },
  { name: '--max-size', good: ['1', '2'], odd: ['1e9', ...ODD_COUNTS] },
];
const CHECK_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  { name: '--keep-resident', good: [] },
  { name: '--prefetch', good: [] },
];
const EXPORT_OPTIONS: readonly Option[] = [...NETWORK_OPTIONS, { name: '--unit', good: ['ns', 'cycles'], odd: ['x'] }];
const DRAM_OPTIONS: readonly Option[] = [
  { name: '--dram-channels', good: ['1', '2', '64'], odd: ['3', '1024', ...ODD_COUNTS] },
  { name: '--dram-mapping', good: ['rorabgbachco'], odd: ['chrorabgbaco', 'ro', 'rorabgbachcoxx', ''] },
  { name: '--ranks', good: ['1', '2'], odd: ['5', ...ODD_COUNTS] },
  { name: '--refresh', good: ['all-bank', 'off'], odd: ['per-bank'] },
  { name: '--no-refresh', good: [] },
  { name: '--wck', good: ['always-on'] },
];
const BANKED = [
  'HBM2',
  'DDR3-1600K',
  'DDR4-2400',
  'DDR5-4800B',
  'GDDR6-14000',
  'LPDDR4',
  'LPDDR5-6400',
  'HBM1',
  'HBM3-6400',
];

const NOT_BANKED = ['ideal', 'latency'];
const ODD_SHARE = 0.1;

/** Options drawn from a list, few at a time; `about` is what the command is known to have. */
function options(
  random: Random,
  from: readonly Option[],
  share = 0.12,
  about: readonly Option['isOf'][] = [],
): string[] {
  const drawn: string[] = [];
  const known = new Set(about);
  for (const { name, good, odd = [], isOf } of from) {
    if (random() >= share || (isOf !== undefined && !known.has(isOf) && random() >= ODD_SHARE)) continue;
    const value =
      odd.length > 0 && random() < ODD_SHARE ? choose(random, odd) : good.length > 0 && choose(random, good);
    if (name === '--dram' && value && !NOT_BANKED.includes(value)) known.add('banked');
    if (value === 'training') known.add('training');
    drawn.push(name, ...(value === false ? [] : [value]));
  }
  return drawn;
}

/** A command with what it needs beside the file that is tried. */
interface Command {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, unknown>>;
}

/** Where the result goes: a file of its own, or stdout, which a trace must be told. */
function output(random: Random, formats: readonly string[]): string[] {
  const format = choose(random, formats);
  const isTrace = formats === TRACE_FORMATS;
  if (random() < 0.2) return ['--format', format, ...(isTrace ? ['-o', '-'] : [])];
  return random() < 0.5
    ? ['-o', `out.${format === 'chrome' ? 'json' : format}`]
    : ['--format', format, '-o', 'out.txt'];
}

const FORMATS = ['json', 'json', 'csv', 'table'];
const TRACE_FORMATS = ['chrome', 'csv', 'csv', 'html'];

/** A command that takes a network and a hardware point. */
function networkCommand(random: Random, hardware: string, workload: string): string[] {
  const both = ['-c', hardware, '-t', workload];
  const name = random();
  if (name < 0.5) return ['run', ...both, ...options(random, RUN_OPTIONS), ...output(random, FORMATS)];
  if (name < 0.7) {
    return ['check', ...both, ...options(random, CHECK_OPTIONS), ...output(random, FORMATS)];
  }
  if (name < 0.85) {
    return ['trace', ...both, ...options(random, TRACE_OPTIONS), ...output(random, TRACE_FORMATS)];
  }
  if (name < 0.93) {
    const layer = ['--layer', choose(random, random() < ODD_SHARE ? ODD_NAMES : NAMES)];
    return ['explain', ...both, ...layer, ...options(random, RUN_OPTIONS, 0.06), ...output(random, ['table', 'json'])];
  }
  const more = options(random, EXPORT_OPTIONS, 0.06, ['training']);
  return ['export', 'astra-sim', ...both, '--phase', 'training', ...more, '-o', 'out.astra'];
}

/** The names of the layers that seeds have, so that some are asked for that there are. */
const network = (random: Random) => choose(random, Object.values(SMALL_NETWORKS));

function commandFor(random: Random, kind: Kind, file: string): Command {
  switch (kind) {
    case 'hardware':
    case 'SimDIT hardware':
      return { args: networkCommand(random, file, 'network.json'), files: { 'network.json': network(random) } };
    case 'workload':
    case 'SimDIT workload':
    case 'SCALE-Sim topology':
    case 'ONNX model': {
      const imports = kind === 'workload' || kind === 'SimDIT workload' ? 0.15 : 0.5;
      if (random() < imports) {
        const summary = random() < 0.7 ? ['--summary', '--format', choose(random, FORMATS)] : [];
        return { args: ['import', file, ...summary, ...(random() < 0.5 ? ['-o', 'out.json'] : [])] };
      }
      const tiles = kind === 'SimDIT workload' && random() < 0.4 ? ['--tiles', 'file'] : [];
      return { args: [...networkCommand(random, choose(random, ['HI1', 'HI3', 'HT2']), file), ...tiles] };
    }
    case 'banked DRAM':
      if (random() < 0.6) {
        const rule = { rule: { kind: 'random', seed: 3, base: 0, span_bursts: 256, count: 200, writes_per_256: 99 } };
        const replay = ['dram', '--dram', file, '--rule', 'rule.json', ...options(random, DRAM_OPTIONS)];
        return { args: [...replay, ...output(random, ['table', 'json'])], files: { 'rule.json': rule } };
      }
      return behindNetwork(random, ['--dram', file], ['run', 'run', 'check', 'trace'], BANKED_OPTIONS);
    case 'latency DRAM':
      return behindNetwork(random, ['--dram', file]);
    case 'energy': {
      if (random() < PAPER_SHARE) return { args: ['paper', 'VI', '--energy', file, ...output(random, FORMATS)] };
      return behindNetwork(random, ['--energy', file], ['run'], NETWORK_OPTIONS);
    }
    case 'sweep': {
      const format = ['--format', choose(random, ['table', 'json'])];
      const args = ['sweep', file, '-o', 'out', '--workers', '1', ...format];
      return { args, files: { 'network.json': network(random) } };
    }
    case 'predictions': {
      const both = ['-c', choose(random, ['HI1', 'HI3']), '-t', 'network.json'];
      const args = ['check', ...both, '--against', file, ...options(random, NETWORK_OPTIONS, 0.04)];
      return { args: [...args, ...output(random, FORMATS)], files: { 'network.json': SMALL_NETWORKS.plain } };
    }
    case 'request rule':
    case 'request trace': {
      const requests = [kind === 'request rule' ? '--rule' : '--trace', file];
      const memory = ['--dram', choose(random, BANKED)];
      return {
        args: ['dram', ...memory, ...requests, ...options(random, DRAM_OPTIONS), ...output(random, ['table', 'json'])],
      };
    }
    case 'result of a run': {
      const other = random() < 0.3 ? '-c HI1 -t network.json' : 'b.json';
      const runs = random() < 0.5 ? [file, other] : [other, file];
      const args = ['diff', ...output(random, FORMATS), '--', ...runs];
      return { args, files: { 'network.json': SMALL_NETWORKS.plain } };
    }
  }
}

/** A file that stands behind a network that runs. */
function behindNetwork(
  random: Random,
  given: readonly string[],
  names = ['run', 'run', 'check', 'trace'],
  more: readonly Option[] = [],
): Command {
  const name = choose(random, names);
  const both = ['-c', choose(random, ['HI1', 'HI3', 'HT2']), '-t', 'network.json'];
  const formats = name === 'trace' ? TRACE_FORMATS : FORMATS;
  const args = [name, ...both, ...options(random, more, 0.1, ['banked']), ...given, ...output(random, formats)];
  return { args, files: { 'network.json': network(random) } };
}

/** What was never meant for the command line: words left out, doubled or put in. */
function mutateArgs(random: Random, args: readonly string[]): string[] {
  const changed = [...args];
  const at = integer(random, 0, changed.length - 1);
  switch (integer(random, 0, 4)) {
    case 0:
      changed.splice(at, 1);
      break;
    case 1:
      changed.splice(at, 0, changed[at]!);
      break;
    case 2:
      changed[at] = choose(random, [
        '',
        '-',
        '--',
        '--help',
        '--x',
        '-o',
        '\u001b[2J',
        '\ud800',
        '=',
        'systole',
        '--version',
      ]);
      break;
    case 3:
      changed.push(choose(random, ['--help', 'x', '--no-fast-forward', '--batch=2', '-o', '--format=csv']));
      break;
    default:
      changed[at] = `${changed[at]}${choose(random, ['=', ' ', '\u0007', 'x', ','])}`;
  }
  return changed;
}

/** A search starts threads of its own and takes as long as twenty other cases. */
const SWEEP_SHARE = 0.015;
const OTHERS = KINDS.filter((kind) => kind !== 'sweep');

function kindOf(random: Random): Kind {
  return random() < SWEEP_SHARE ? 'sweep' : choose(random, OTHERS);
}

/** The share of the networks whose sizes are drawn, small ones and some at the ends of what a layer may be. */
const DRAWN_SHARE = 0.5;

/** What cases are drawn from. */
export interface Drawn {
  readonly seed: string;
  /** The share of the cases that are processes of their own. */
  readonly processShare: number;
}

/** Case number `index` of a seed: the same whenever it is made. */
export function fuzzCase(
  { seed, processShare }: Drawn,
  index: number,
  seeds: Readonly<Record<Kind, readonly SeedFile[]>>,
): FuzzCase {
  const random = seedrandom.alea(`${seed} ${index}`);
  const isProcess = random() < processShare;
  const kind = kindOf(random);
  const isDrawn = kind === 'workload' && random() < DRAWN_SHARE;
  const file = isDrawn ? drawnNetwork(random) : choose(random, seeds[kind]);
  const { args, files = {} } = commandFor(random, kind, file.name);
  const others = Object.entries(files).map(([name, value]) => [name, Buffer.from(JSON.stringify(value))] as const);
  const more = kind === 'result of a run' ? [['b.json', choose(random, seeds[kind]).bytes] as const] : [];
  const isOddCommand = random() < 0.03;
  return {
    kind,
    files: {
      ...Object.fromEntries([...others, ...more]),
      [file.name]: isDrawn ? file.bytes : mutated(random, kind, file),
    },
    args: isOddCommand ? mutateArgs(random, args) : args,
    isProcess,
  };
}
