/** What must hold whatever the command line was given. */
import { parse } from 'csv-parse/sync';
import { readPerfetto } from '../support/perfettoTrace.ts';
import type { FuzzCase } from './cases.ts';
import { sumsOf } from './results.ts';

/** What a case came to. */
export interface Came {
  /** Undefined for a process that a signal has ended. */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What lies in the folder beside the inputs; a folder's own files by their paths. */
  readonly files: Readonly<Record<string, Buffer>>;
  /** It was asked to stop because it took long. */
  readonly wasStopped: boolean;
}

/** The ways in which a case can fail, in the order of the summary. */
export const FAILURES = ['crash', 'exit 70', 'hang', 'control character', 'no number', 'no sum', 'other'] as const;
export type Failure = (typeof FAILURES)[number];

export type Verdict =
  | { readonly ended: 'accepted' | 'refused' | 'stopped'; readonly said: string }
  | { readonly failed: Failure; readonly why: string };

const EXIT = { fine: 0, different: 1, badInput: 2, ourBug: 70, interrupted: 130 } as const;

/** Found wrong. */
class Wrong extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, why: string) {
    super(why);
    this.failure = failure;
  }
}

/** What moves a cursor, turns the direction of text, or hides; line ends are no such. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** The tabs between the columns of ASTRA-sim's text are meant. */
const UNPRINTABLE_BUT_TABS = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const shown = (text: string): string => JSON.stringify(text).slice(0, 300);

function expectPrintable(name: string, text: string, hasTabs = false): void {
  const found = (hasTabs ? UNPRINTABLE_BUT_TABS : UNPRINTABLE).exec(text);
  if (found === null) return;
  const around = text.slice(Math.max(0, found.index - 40), found.index + 40);
  throw new Wrong('control character', `${name}: ${shown(around)}`);
}

/** What no figure of ours is; names and texts of cases hold none of these words. */
const NO_NUMBER = /\b(?:NaN|Infinity|undefined|null)\b|\[object /;
/** What messages may quote as one of these words. */
const NO_NUMBER_GIVEN = /NaN|Infinity|undefined|\[object |\de\d{3}/i;

function expectNumbers(name: string, text: string): void {
  const found = NO_NUMBER.exec(text);
  if (found === null) return;
  throw new Wrong('no number', `${name}: ${shown(text.slice(Math.max(0, found.index - 100), found.index + 40))}`);
}

/** The first place in a value where something is no finite number, text, truth value, list or object. */
function placeOfNull(value: unknown, path = ''): string | undefined {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return path;
  if (typeof value !== 'object') return undefined;
  for (const [key, item] of Object.entries(value)) {
    const place = placeOfNull(item, `${path}.${key}`);
    if (place !== undefined) return place;
  }
  return undefined;
}

function expectJson(name: string, text: string, { args }: FuzzCase): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Wrong('other', `${name} is no JSON: ${String(error)}: ${shown(text)}`);
  }
  const place = placeOfNull(value);
  if (place !== undefined) throw new Wrong('no number', `${name}: ${place}`);
  const sum = sumsOf(args[0] ?? '', value);
  if (sum !== undefined) throw new Wrong('no sum', `${name}: ${sum}`);
}

/** A spreadsheet takes it for a formula; numbers with a sign are none. */
const isFormula = (cell: string): boolean => /^[=+\-@]/.test(cell) && Number.isNaN(Number(cell));

/** Whether a name of the case's could be taken for what is no number. */
function isNamedSo({ files }: FuzzCase): boolean {
  return Object.values(files).some((bytes) => /NaN|Infinity/.test(Buffer.from(bytes).toString('latin1')));
}

function expectCsv(name: string, text: string, fuzzed: FuzzCase): void {
  let rows: string[][];
  try {
    rows = parse(text) as string[][];
  } catch (error) {
    throw new Wrong('other', `${name} is no CSV: ${String(error)}`);
  }
  for (const cell of rows.flat()) {
    if (isFormula(cell)) throw new Wrong('other', `${name}: a formula: ${shown(cell)}`);
    if (/^(?:NaN|-?Infinity|undefined|null)$/.test(cell) && !isNamedSo(fuzzed))
      throw new Wrong('no number', `${name}: ${cell}`);
  }
}

function expectPerfetto(name: string, bytes: Buffer): void {
  try {
    readPerfetto(bytes);
  } catch (error) {
    throw new Wrong('other', `${name} is no trace of Perfetto's: ${String(error)}`);
  }
}

const FORMATS = ['json', 'csv', 'html', 'parquet', 'pftrace', 'astra', 'table'];

const FORMAT_OF: Readonly<Record<string, string>> = { chrome: 'json', perfetto: 'pftrace' };

/** The format that was asked for last; a table where none was. */
function askedFormat(args: readonly string[]): string {
  const formats = args.flatMap((arg, place) => {
    if (arg === '--format') return [args[place + 1] ?? ''];
    return arg.startsWith('--format=') ? [arg.slice('--format='.length)] : [];
  });
  const format = formats.at(-1) ?? 'table';
  return FORMAT_OF[format] ?? format;
}

/** The format of a text of the command line's. */
function formatOf(name: string, { args }: FuzzCase, text: string): string {
  const isStdout = name === 'stdout';
  // Help or the version, whatever was asked for.
  if (isStdout && (text.startsWith('Usage: ') || /^[\d.]+\n$/.test(text))) return 'table';
  // Of an import the format is that of the summary, and the network is JSON.
  if (args[0] === 'import' && (!isStdout || !args.includes('--summary'))) return 'json';
  if (isStdout) return askedFormat(args);
  const extension = name.includes('.') ? name.split('.').at(-1)! : '';
  const isAsked = args.some((arg) => arg.startsWith('--format')) && args[0] !== 'sweep';
  return !isAsked && FORMATS.includes(extension) ? extension : askedFormat(args);
}

function expectResult(name: string, bytes: Buffer, fuzzed: FuzzCase): void {
  if (bytes.length === 0) return;
  const text = bytes.toString('utf8');
  const format = formatOf(name, fuzzed, text);
  // Pages hold our own program, Parquet is binary, plots are drawn by a library: all have tests of their own.
  if (format === 'parquet' || format === 'html' || name.endsWith('.svg')) return;
  if (format === 'pftrace') {
    expectPerfetto(name, bytes);
    return;
  }
  expectPrintable(name, text, fuzzed.args[0] === 'export');
  if (format === 'json') expectJson(name, text, fuzzed);
  else if (format === 'csv') expectCsv(name, text, fuzzed);
  // An address trace that was cut says so behind its rows.
  else if (format === 'dram') expectCsv(name, text.replace(/^# .*\n$/m, ''), fuzzed);
  else if (!isNamedSo(fuzzed)) expectNumbers(name, text);
}

/** One message is one line; commander's begin otherwise. */
const MESSAGE = /^(?:systole: |error: |\(Did you mean |\(add --help )/;
const PROGRESS =
  /^systole: (?:layer|laying out|reading|tiling|results go to|interrupted|nothing is selected|\d|.* of |.*left out)/;

function expectMessages(stderr: string, status: number | undefined, { kind, args, files }: FuzzCase): void {
  expectPrintable('stderr', stderr);
  const lines = stderr.split('\n').filter((line) => line !== '');
  if (/^\s+at .*\.js:\d+/m.test(stderr)) throw new Wrong('crash', shown(stderr));
  if (status === EXIT.badInput && lines.length === 0) throw new Wrong('other', 'exit 2 without a word');
  const odd = lines.find((line) => !MESSAGE.test(line) && !PROGRESS.test(line));
  if (odd !== undefined && !stderr.includes('Usage: ')) throw new Wrong('other', `stderr: ${shown(odd)}`);
  // Messages quote what they are about; in a model of ONNX any number may be NaN.
  const given = [...args, ...Object.values(files).map((bytes) => Buffer.from(bytes).toString('latin1'))];
  if (kind !== 'ONNX model' && !given.some((text) => NO_NUMBER_GIVEN.test(text)))
    expectNumbers('stderr', stderr.replaceAll('null', ''));
}

function expectAll(fuzzed: FuzzCase, { status, stdout, stderr, files, wasStopped }: Came): Verdict {
  const words = stderr.toString('utf8');
  const said = words.split('\n', 1)[0]!;
  const command = fuzzed.args[0];
  if (status === undefined) throw new Wrong('crash', `ended by a signal: ${shown(words)}`);
  if (status === EXIT.ourBug) throw new Wrong('exit 70', shown(words));
  const mayDiffer = command === 'diff' && status === EXIT.different;
  const mayBeStopped = wasStopped && status === EXIT.interrupted;
  if (status !== EXIT.fine && status !== EXIT.badInput && !mayDiffer && !mayBeStopped) {
    throw new Wrong('crash', `exit ${status}: ${shown(words)}`);
  }
  expectMessages(words, status, fuzzed);
  const left = Object.keys(files).filter((name) => name.endsWith('.tmp') || name.endsWith('.lock'));
  if (left.length > 0) throw new Wrong('other', `left behind: ${left.join(', ')}`);
  for (const [name, bytes] of Object.entries(files)) {
    if (!name.endsWith('journal.jsonl')) expectResult(name, bytes, fuzzed);
  }
  if (mayBeStopped) return { ended: 'stopped', said };
  if (status === EXIT.badInput) {
    // A trace is written as it comes: a figure that passes 2⁵³ ends it where that arises.
    const results = [...(stdout.length > 0 && command !== 'trace' ? ['stdout'] : []), ...Object.keys(files)];
    if (results.length > 0) throw new Wrong('other', `exit 2, and yet ${results.join(', ')}`);
    return { ended: 'refused', said };
  }
  expectResult('stdout', stdout, fuzzed);
  return { ended: 'accepted', said };
}

/** Judges what a case came to. */
export function judge(fuzzed: FuzzCase, came: Came): Verdict {
  try {
    return expectAll(fuzzed, came);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { failed: error.failure, why: error.message };
  }
}
