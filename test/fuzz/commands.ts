/** A command for a file of each kind, with what it needs beside it. */
import type seedrandom from 'seedrandom';
import { choose } from '../../src/model/engine/random.ts';
import {
  BANKED_OPTIONS,
  CHECK_OPTIONS,
  EXPORT_OPTIONS,
  LOAD_OPTIONS,
  NAMES,
  NETWORK_OPTIONS,
  ODD_NAMES,
  ODD_SHARE,
  type Option,
  options,
  PATH_OPTIONS,
  REPLAY_OPTIONS,
  RUN_OPTIONS,
  TABLE_OPTIONS,
  TRACE_OPTIONS,
  VALIDATE_OPTIONS,
} from './options.ts';
import { type Kind, SMALL_NETWORKS } from './seeds.ts';

type Random = seedrandom.PRNG;

/** The paper's tables take a second. */
const PAPER_SHARE = 0.003;

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

/** A command with what it needs beside the file that is tried. */
export interface Command {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, unknown>>;
}

/** Where the result goes: a file of its own, or stdout, which a trace must be told. */
function output(random: Random, formats: readonly string[]): string[] {
  const format = choose(random, formats);
  const isTrace = formats === TRACE_FORMATS;
  if (random() < 0.2) return ['--format', format, ...(isTrace ? ['-o', '-'] : [])];
  const isNamed = random() < 0.5 && !NAMELESS.includes(format);
  return isNamed ? ['-o', `out.${EXTENSIONS[format] ?? format}`] : ['--format', format, '-o', 'out.txt'];
}

const FORMATS = ['json', 'json', 'csv', 'table'];
const TRACE_FORMATS = ['chrome', 'csv', 'csv', 'html', 'perfetto', 'dram', 'dramsim3', 'ramulator2'];
const EXTENSIONS: Readonly<Record<string, string>> = { chrome: 'json', perfetto: 'pftrace' };
/** Formats that no name says. */
const NAMELESS = ['dram', 'dramsim3', 'ramulator2'];

/** A command that takes a network and a hardware point. */
function networkCommand(random: Random, hardware: string, workload: string): string[] {
  const both = ['-c', hardware, '-t', workload];
  const name = random();
  if (name < 0.4) return ['run', ...both, ...options(random, RUN_OPTIONS), ...output(random, FORMATS)];
  if (name < 0.47) return ['run', ...both, ...options(random, [...RUN_OPTIONS, ...TABLE_OPTIONS], 0.2)];
  if (name < 0.5) return ['list', 'layers', ...both, ...output(random, FORMATS)];
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
  if (name < 0.96) {
    return ['critical-path', ...both, ...options(random, PATH_OPTIONS, 0.06), ...output(random, FORMATS)];
  }
  const more = options(random, EXPORT_OPTIONS, 0.06, ['training']);
  return ['export', 'astra-sim', ...both, '--phase', 'training', ...more, '-o', 'out.astra'];
}

/** Its layers are among those that are asked for. */
const network = (random: Random) => choose(random, Object.values(SMALL_NETWORKS));

/** A command that reads the file, some of its options drawn. */
export function commandFor(random: Random, kind: Kind, file: string): Command {
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
      const args = networkCommand(random, choose(random, ['HI1', 'HI3', 'HT2']), file);
      // Given twice it would be refused.
      return { args: args.includes('--tiles') ? args : [...args, ...tiles] };
    }
    case 'banked DRAM':
      if (random() < 0.1) {
        const moment = ['--characterise', '--loads', choose(random, ['5', '50,100', '200']), '--cycles', '64'];
        return {
          args: ['dram', '--dram', file, ...moment, ...options(random, LOAD_OPTIONS), ...output(random, FORMATS)],
        };
      }
      if (random() < 0.6) {
        const rule = { rule: { kind: 'random', seed: 3, base: 0, span_bursts: 256, count: 200, writes_per_256: 99 } };
        const replay = ['dram', '--dram', file, '--rule', 'rule.json', ...options(random, REPLAY_OPTIONS)];
        return { args: [...replay, ...output(random, FORMATS)], files: { 'rule.json': rule } };
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
    case 'formula': {
      const both = ['-c', choose(random, ['HI1', 'HI3', 'HI1,HI2']), '-t', 'network.json'];
      const more = [...options(random, VALIDATE_OPTIONS, 0.06), ...output(random, FORMATS)];
      const args = ['validate', file, ...(random() < 0.2 ? ['published'] : []), ...both, ...more];
      return { args, files: { 'network.json': network(random) } };
    }
    case 'predictions': {
      if (random() < 0.4) {
        const both = random() < 0.5 ? ['-c', 'HI1', '-t', 'network.json'] : [];
        const args = ['validate', '--against', file, ...both, ...options(random, VALIDATE_OPTIONS, 0.04)];
        return { args: [...args, ...output(random, FORMATS)], files: { 'network.json': SMALL_NETWORKS.plain } };
      }
      const both = ['-c', choose(random, ['HI1', 'HI3']), '-t', 'network.json'];
      const args = ['check', ...both, '--against', file, ...options(random, NETWORK_OPTIONS, 0.04)];
      return { args: [...args, ...output(random, FORMATS)], files: { 'network.json': SMALL_NETWORKS.plain } };
    }
    case 'request rule':
    case 'request trace': {
      const requests = [kind === 'request rule' ? '--rule' : '--trace', file];
      const memory = ['--dram', choose(random, BANKED)];
      return {
        args: ['dram', ...memory, ...requests, ...options(random, REPLAY_OPTIONS), ...output(random, FORMATS)],
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
