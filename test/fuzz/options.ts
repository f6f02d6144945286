/** The options of the commands, with values of each, and some of them drawn. */
import type seedrandom from 'seedrandom';
import { choose, integer } from '../../src/model/engine/random.ts';
import { LANE_KEYS } from '../../src/views/trace/lanes.ts';

type Random = seedrandom.PRNG;

/** An option with its values: good ones, and some that are not. */
export interface Option {
  readonly name: string;
  readonly good: readonly string[];
  readonly odd?: readonly string[];
  /** It is refused where it can change nothing: without banked DRAM, in inference, with other files than SimDIT's. */
  readonly isOf?: 'banked' | 'training' | 'SimDIT';
}

const ODD_COUNTS = ['0', '-1', '1.5', '1e999', '', '0x2', ' 4', '9007199254740993', 'x'];
const CURRENTS = ['HBM2', 'DDR4-2400', 'DDR3-1600K'];
/** Of banked DRAM behind a network. */
export const BANKED_OPTIONS: readonly Option[] = [
  { name: '--dram-layout', good: ['tiles', 'nhwc', 'nchw'], isOf: 'banked' },
  { name: '--dram-sharing', good: ['shared', 'split', 'private'], isOf: 'banked' },
  { name: '--dram-channels', good: ['1', '2', '16', '64'], odd: ['3', '1024', ...ODD_COUNTS], isOf: 'banked' },
  { name: '--dram-mapping', good: ['rorabgbachco'], odd: ['rocobachbgra', 'x', '\u001b[2J'], isOf: 'banked' },
  { name: '--ranks', good: ['1', '2'], odd: ['3', '1024', ...ODD_COUNTS], isOf: 'banked' },
  { name: '--refresh', good: ['all-bank', 'off'], odd: ['per-bank', 'x'], isOf: 'banked' },
  { name: '--dram-clock', good: ['1000', '312.5'], odd: ['0', '-1', '1e9', '', 'x'], isOf: 'banked' },
  { name: '--wck', good: ['always-on'], odd: ['x'], isOf: 'banked' },
];
/** Of every command with a network. */
export const NETWORK_OPTIONS: readonly Option[] = [
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
const FUSE: Option = { name: '--fuse', good: ['pairs', 'chains', 'none'], odd: ['x', ''] };
/** Of a run. */
export const RUN_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ASSUME,
  { name: '--closed-form', good: ['published', 'ceiling'] },
  { name: '--energy', good: ['fit'], odd: ['Fit', ''] },
  { name: '--dram-counts', good: [], isOf: 'banked' },
  { name: '--dram-energy', good: CURRENTS, odd: ['hbm9', ''], isOf: 'banked' },
  FUSE,
];
/** Of a critical path. */
export const PATH_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ASSUME,
  { name: '--fuse', good: ['none', 'pairs', 'chains'], odd: ['all', ''] },
  { name: '--segments', good: [] },
];
/** Of its table. */
export const TABLE_OPTIONS: readonly Option[] = [
  { name: '--summary', good: [] },
  { name: '--top', good: ['1', '3', '1000'], odd: ODD_COUNTS },
  { name: '--sort', good: ['change', 'totalCycles', 'closedForm.ops'], odd: ['', 'x', '\u001b[2J'] },
];
/** Layers that the small networks have, and names that none has. */
export const NAMES = ['conv1', 'fc', 'a', 'scores', 'q'];
export const ODD_NAMES = ['', 'a.dW', '\u001b[2J', '__proto__', 'conv'];
/** Of a trace. */
export const TRACE_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  ASSUME,
  FUSE,
  { name: '--layer', good: [...NAMES, 'conv1,fc'], odd: ODD_NAMES },
  { name: '--steps', good: ['0', '0-3', '2-5'], odd: ['1-0', '5-9007199254740993', 'x'] },
  { name: '--cycles', good: ['0-100', '500', '9007199254740991'], odd: ['-1', '1e3'] },
  { name: '--tile-range', good: ['oc=0', 'oc=0-1,oh=0', 'c=0'], odd: ['oc=1=2', 'x=1', '__proto__=1', 'oc'] },
  { name: '--lanes', good: [...LANE_KEYS, 'layers,pe-array'], odd: ['x', '', ','] },
  { name: '--no-critical-path', good: [] },
  {
    name: '--compare',
    good: ['--fuse chains', '-c HI2', '-t vgg16 -c HI3'],
    odd: ['', '-', '"', 'x', '--layer a', '.'],
  },
  { name: '--max-size', good: ['1', '2'], odd: ['1e9', ...ODD_COUNTS] },
];
/** Of a check. */
export const CHECK_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  { name: '--keep-resident', good: [] },
  { name: '--prefetch', good: [] },
  FUSE,
];
/** Of a validation. */
export const VALIDATE_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS.filter(({ name }) => name !== '--phase'),
  ASSUME,
  { name: '--phase', good: ['inference', 'training', 'inference,training'], odd: ['x', ','] },
  { name: '--fuse', good: ['none', 'pairs', 'chains'], odd: ['x'] },
  { name: '--top', good: ['0', '1', '100'], odd: ODD_COUNTS },
  { name: '--points', good: [], odd: ['3'] },
];
/** Of an export. */
export const EXPORT_OPTIONS: readonly Option[] = [
  ...NETWORK_OPTIONS,
  { name: '--unit', good: ['ns', 'cycles'], odd: ['x'] },
];
/** Of a memory alone. */
export const DRAM_OPTIONS: readonly Option[] = [
  { name: '--dram-channels', good: ['1', '2', '64'], odd: ['3', '1024', ...ODD_COUNTS] },
  { name: '--dram-mapping', good: ['rorabgbachco'], odd: ['chrorabgbaco', 'ro', 'rorabgbachcoxx', ''] },
  { name: '--ranks', good: ['1', '2'], odd: ['5', ...ODD_COUNTS] },
  { name: '--refresh', good: ['all-bank', 'off'], odd: ['per-bank'] },
  { name: '--no-refresh', good: [] },
  { name: '--dram-clock', good: ['1000', '312.5'], odd: ['0', '-1', '1e9', '', 'x'] },
  { name: '--wck', good: ['always-on'] },
];
/** Of a replay of requests, beside the memory's. */
export const REPLAY_OPTIONS: readonly Option[] = [
  ...DRAM_OPTIONS,
  { name: '--dram-counts', good: [] },
  { name: '--dram-energy', good: CURRENTS, odd: ['hbm9', ''] },
];
/** Of a memory under load, measured for a moment. */
export const LOAD_OPTIONS: readonly Option[] = [
  ...DRAM_OPTIONS,
  { name: '--streams', good: ['random', 'strided', 'sequential,random'], odd: ['', 'x', '\u001b[2J', ','] },
  { name: '--reads', good: ['100', '0', '50,25'], odd: ['101', '-1', '', 'x', '1e999'] },
  { name: '--stride', good: ['64', '4096', '128'], odd: ['65', ...ODD_COUNTS] },
  { name: '--seed', good: ['1', '2'], odd: ['', '\u202e'] },
  { name: '--svg', good: ['plot.svg'], odd: ['-', '', 'no/such/folder.svg'] },
];
const NOT_BANKED = ['ideal', 'latency'];
/** The share of what is drawn that is wrong on purpose. */
export const ODD_SHARE = 0.1;

/** Options drawn from a list, few at a time; `about` is what the command is known to have. */
export function options(
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

/** A command line with a word left out, doubled, changed or put in. */
export function mutateArgs(random: Random, args: readonly string[]): string[] {
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
