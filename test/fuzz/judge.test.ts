/** The judge of the fuzzer finds what it looks for: a judge that lets everything pass would prove nothing. */
import { describe, expect, it } from 'vitest';
import { systole, temporaryFile } from '../support/cli.ts';
import type { FuzzCase } from './cases.ts';
import { type Came, judge } from './judge.ts';
import { SMALL_NETWORKS } from './seeds.ts';

const RUN: FuzzCase = { kind: 'workload', files: {}, args: ['run', '-o', 'out.json'], isProcess: false };
const FINE: Came = { status: 0, stdout: Buffer.from(''), stderr: Buffer.from(''), files: {}, wasStopped: false };

/** What is found in a result, as a file, of a command. */
function found(command: string, text: string, name = 'out.json'): unknown {
  const verdict = judge({ ...RUN, args: [command, '-o', name] }, { ...FINE, files: { [name]: Buffer.from(text) } });
  return 'failed' in verdict ? verdict.failed : verdict.ended;
}

/** What is found in an end. */
function ended(came: Partial<Came>): unknown {
  const verdict = judge(RUN, { ...FINE, ...came });
  return 'failed' in verdict ? verdict.failed : verdict.ended;
}

const said = (stderr: string): Partial<Came> => ({ status: 2, stderr: Buffer.from(stderr) });

describe('an end', () => {
  it.each<[string, Partial<Came>, string]>([
    ['fine', {}, 'accepted'],
    ['a message', said('systole: x.json: name: expected a text\n'), 'refused'],
    ['our bug', { ...said('systole: internal error\n'), status: 70 }, 'exit 70'],
    ['another exit code', { status: 1 }, 'crash'],
    ['a signal', { status: undefined }, 'crash'],
    ['a stack', said('systole: x\n    at run (main.js:3:1)\n'), 'crash'],
    ['no word', said(''), 'other'],
    ['a line that is none of ours', said('systole: x\nall is well\n'), 'other'],
    ['a control character in a message', said('systole: \u001b[2J\n'), 'control character'],
    ['a direction in a message', said('systole: \u202e\n'), 'control character'],
    ['a message and a result', { ...said('systole: x\n'), stdout: Buffer.from('1') }, 'other'],
    ['a temporary file', { files: { 'out.json.1.tmp': Buffer.from('') } }, 'other'],
    ['stopped when asked', { status: 130, wasStopped: true }, 'stopped'],
    ['stopped by itself', { status: 130 }, 'crash'],
  ])('is judged: %s', (_, came, verdict) => {
    expect(ended(came)).toBe(verdict);
  });
});

describe('a result', () => {
  const workload = temporaryFile('plain.json', SMALL_NETWORKS.plain);
  const networked = ['-c', 'HI1', '-t', workload];
  const commands: Record<string, string[]> = {
    run: ['run', ...networked, '--energy', 'fit', '--format', 'json'],
    check: ['check', ...networked, '--format', 'json'],
    explain: ['explain', ...networked, '--layer', 'conv1', '--format', 'json'],
    'critical-path': ['critical-path', ...networked, '--segments', '--format', 'json'],
  };
  const results = Object.fromEntries(Object.entries(commands).map(([name, args]) => [name, systole(...args).stdout]));

  it.each(Object.keys(commands))('of %s is right as it is', (command) => {
    expect(found(command, results[command]!)).toBe('accepted');
  });

  it.each([
    ['run', '"totalCycles": '],
    ['run', '"weight": '],
    ['run', '"jumpedTiles": '],
    ['run', '"drain": '],
    ['run', '"totalJoules": '],
    ['check', '"edges": '],
    ['check', '"layers": '],
    ['explain', '"stallCycles": '],
    ['critical-path', '"pathCycles": '],
    ['critical-path', '"from": '],
  ])('of %s with another %sis found out, wherever it stands', (command, field) => {
    const places = results[command]!.split(field).length - 1;
    const verdicts = Array.from({ length: places }, (_, place) => {
      const pieces = results[command]!.split(field);
      // A number that begins with one more digit.
      pieces[place + 1] = pieces[place + 1]!.replace(/^-?\d/, '7$&');
      return found(command, pieces.join(field));
    });
    expect(verdicts).toContain('no sum');
  });

  it('with null for a number is found out', () => {
    expect(found('run', results['run']!.replace(/"batch": \d+/, '"batch": null'))).toBe('no number');
  });

  it('may show a layer that is called NaN', () => {
    const network = { 'workload.json': Buffer.from('{"layers": [{"name": "NaN"}]}') };
    const verdict = judge(
      { ...RUN, files: network },
      { ...FINE, files: { 'out.csv': Buffer.from('layer,cycles\nNaN,3\n') } },
    );
    expect(verdict).toMatchObject({ ended: 'accepted' });
  });

  it('that is cut off is found out', () => {
    expect(found('run', results['run']!.slice(0, -10))).toBe('other');
  });

  it.each([
    ['a table without a number', 'cycles NaN\n', 'out.table', 'no number'],
    ['a table with a bell', 'conv\u0007\n', 'out.table', 'control character'],
    ['CSV without a number', 'layer,cycles\na,Infinity\n', 'out.csv', 'no number'],
    ['CSV with a formula', 'layer,cycles\n=1+1,3\n', 'out.csv', 'other'],
    ['CSV of uneven rows', 'layer,cycles\na\n', 'out.csv', 'other'],
    ['CSV with a negative number', 'layer,cycles\na,-3\n', 'out.csv', 'accepted'],
  ])('is judged: %s', (_, text, name, verdict) => {
    expect(found('run', text, name)).toBe(verdict);
  });
});
