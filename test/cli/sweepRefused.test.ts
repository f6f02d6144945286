import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_ARGUMENTS, root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { ROUND_ENERGY } from '../support/energy.ts';
import { filesOf, LONG, MANY_ROWS, SMALL, sweep } from '../support/sweep.ts';

/** An energy file that holds for some hardware. */
function energyFor(hardware: object): string {
  return temporaryFile('energy.json', { ...ROUND_ENERGY, points: [{ ...ROUND_ENERGY.points[0], hardware }] });
}

/** One message, exit code 2, nothing on stdout. */
function expectRefusal({ status, stdout, stderr }: ReturnType<typeof systole>, message: string): void {
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}

describe('a sweep that cannot be done', () => {
  const cases: [string, object, string][] = [
    [
      'an unknown network',
      { workload: 'resnet19' },
      'sweep.json: workload: got "resnet19", expected a preset (alexnet',
    ],
    [
      'an unknown network in a list',
      { parameters: { workload: ['resnet18', 'resnet19'] } },
      'sweep.json: parameters.workload[1]: got "resnet19", expected a preset (alexnet',
    ],
    [
      'a range of networks',
      { parameters: { workload: { from: 1, to: 2, step: 1 } } },
      'sweep.json: parameters.workload: got {"from":1,"to":2,"step":1}, expected the name of a network',
    ],
    [
      'an unknown memory',
      { model: 'simulated', dram: 'HBM9' },
      'sweep.json: dram: got "HBM9", expected a preset (DDR3-1600K',
    ],
    [
      'an unknown memory to rank by',
      { rerank: [{ top: 2, model: 'simulated', dram: 'HBM9' }] },
      'sweep.json: rerank[0].dram: got "HBM9", expected a preset (DDR3-1600K',
    ],
    ['an unknown hardware', { hardware: 'HI9' }, 'sweep.json: hardware: got "HI9", expected a preset (HI1'],
    [
      'energy data for other hardware',
      { energy: energyFor({ name: 'HT1' }), objectives: ['joules'] },
      'points: got [{"name":"HT1"}], expected one whose "hardware" agrees with HI1: {"name":"HI1"}',
    ],
    [
      'energy data for one of the sizes',
      { energy: energyFor({ sramKiB: { wbuf: 64 } }), objectives: ['joules'] },
      'points: got [{"sramKiB":{"wbuf":64}}], expected one whose "hardware" agrees with HI1: {"sramKiB.wbuf":32}',
    ],
    [
      'the power of one array for several',
      { energy: energyFor({}), parameters: { 'array.rows': [16, 32] } },
      'energy.json: points[0].hardware: got {}, expected array.rows with it, because it varies',
    ],
  ];
  it.each([
    ['dram', 'expected a parameter and its values, such as dram=HBM2,DDR4-2400'],
    ['=1', 'expected a parameter and its values'],
    ['batch=1,', 'expected a parameter and its values'],
    ['workload=resnet19', 'sweep.json with --set: workload: got "resnet19", expected a preset'],
    ['sramKiB.wbuff=1', 'sweep.json with --set: parameters.sramKiB.wbuff: got [1], expected'],
    ['sramKiB.wbuf=x', 'sweep.json with --set: parameters.sramKiB.wbuf: got "x", expected an expression of parameters'],
    ['model=simulation', 'sweep.json with --set: model: got "simulation", expected'],
    ['model=simulated,closed-form', 'sweep.json with --set: model: got ["simulated","closed-form"], expected'],
    ['objectives=cycles,power', 'sweep.json with --set: objectives[1]: got "power", expected'],
    ['constraints=batch', 'sweep.json with --set: constraints[0]: got "batch", expected a relation'],
    ['rerank=3', 'expected a parameter or a setting that is a word or a list of words; rerank only the file itself'],
    ['constructor=1', 'sweep.json with --set: parameters.constructor: got [1], expected a number of the hardware file'],
    ['__proto__=3', 'sweep.json with --set: parameters.__proto__: got [3], expected a number of the hardware file'],
    ['__proto__=3,4', 'sweep.json with --set: parameters.__proto__: got [3,4], expected a number of the hardware file'],
    ['sramKiB.wbuf=0', 'sweep.json with --set: parameters.sramKiB.wbuf[0]: got 0, expected a valid sramKiB.wbuf'],
    ['sramKiB.wbuf=-1', 'sweep.json with --set: parameters.sramKiB.wbuf[0]: got -1, expected a valid sramKiB.wbuf'],
    ['sramKiB.wbuf=32,x', 'sweep.json with --set: parameters.sramKiB.wbuf[1]: got "x"'],
  ])('by --set %s is refused', (change, message) => {
    expectRefusal(sweep(SMALL, '--set', change), message);
  });

  it('leaves the result of an earlier sweep as it is', () => {
    const { folder, status } = sweep(SMALL);
    const before = filesOf(folder);
    const again = systole('sweep', temporaryFile('sweep.json', SMALL), '--set', 'sramKiB.wbuf=0', '-o', folder);
    expect([status, again.status, filesOf(folder)]).toEqual([0, 2, before]);
  });

  it.each(cases)('with %s is refused, and leaves nothing', (_, change, message) => {
    const outcome = sweep({ ...SMALL, constraints: [], ...change });
    expectRefusal(outcome, message);
    expect(existsSync(outcome.folder)).toBe(false);
  });

  const spec = temporaryFile('sweep.json', SMALL);

  it('cannot write where a file is', () => {
    expectRefusal(systole('sweep', spec, '-o', temporaryFile('taken', '')), '--output: got');
  });

  it('cannot write where no folder can be made', () => {
    expectRefusal(systole('sweep', spec, '-o', '/proc/systole'), 'expected a folder that can be made (ENOENT');
    expectRefusal(systole('sweep', spec, '-o', ''), '--output: got "", expected a folder that can be made');
    expectRefusal(systole('sweep', spec, '-o', '/proc'), 'expected a folder that can be written to (');
  });

  it("leaves a journal.jsonl alone that is the user's own", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'journal.jsonl'), '{"mine":1}\n');
    expectRefusal(systole('sweep', spec, '-o', folder), 'journal.jsonl: expected the journal of a sweep or nothing');
    expect(filesOf(folder)).toEqual({ 'journal.jsonl': Buffer.from('{"mine":1}\n').toString('base64') });
  });
});

describe('a sweep on a full disk', () => {
  /** Runs a sweep that can write files of so many KiB. */
  const withRoomFor = (kib: number, content: object, folder: string) =>
    spawnSync(
      'bash',
      [
        '-c',
        'ulimit -f "$1"; shift; exec "$@"',
        'bash',
        String(kib),
        process.execPath,
        ...NODE_ARGUMENTS,
        'dist/cli/main.js',
        'sweep',
      ].concat(temporaryFile('sweep.json', content), '-o', folder),
      { cwd: root, encoding: 'utf8' },
    );

  it('says so when it cannot write its journal, whose whole lines hold', () => {
    const folder = join(temporaryFolder(), 'out');
    const { status, stderr } = withRoomFor(1, LONG, folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(/journal\.jsonl: expected a file that can be written \(EFBIG/);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    const text = readFileSync(join(folder, 'journal.jsonl'), 'utf8');
    expect(text.endsWith('\n')).toBe(true);
  });

  it('says so when it cannot write points, and leaves none', () => {
    const folder = join(temporaryFolder(), 'out');
    const { status, stderr } = withRoomFor(200, MANY_ROWS, folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(/points\.csv", expected a file that can be written \(EFBIG/);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });
});
