/** The tables of FINDINGS.md are what the commands that it names say; those that take long under `npm run verify`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Fusion, nameOfGroup } from '../../src/model/fusion/groups.ts';
import { runNetwork, totalsOf } from '../../src/model/network/network.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { networkTable } from '../../src/studies/paper/networkTables.ts';
import { complete } from '../support/complete.ts';
import { PAPER_INPUTS } from '../support/paper.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const page = readFileSync(new URL('../../src/model/fusion/FINDINGS.md', import.meta.url), 'utf8');
const isVerify = process.env['SYSTOLE_VERIFY'] === '1';

/** The cells of a row of the page's tables, by the first. */
function row(name: string): string[] {
  const line = page.split('\n').find((each) => each.startsWith(`| ${name} |`));
  expect([name, line === undefined]).toEqual([name, false]);
  return line!
    .split('|')
    .slice(2, -1)
    .map((cell) => cell.trim());
}

const NETWORKS = { 'ResNet-50': ['resnet50', 'VI'], 'ResNet-18': ['resnet18', 'VII'] } as const;
const HOW = { 'one after another': 'none', pairs: 'pairs', chains: 'chains' } as const;
const POINTS = ['HI1', 'HI2', 'HI3', 'HT1', 'HT2', 'HT3'];
const names = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];

/** A network's inference on a hardware point. */
function run(network: string, hardware: string, fusion: Fusion, change: object = {}) {
  const point = { ...hardwarePreset(hardware), ...change };
  const layers = inferenceLayers(network, point);
  const { layers: outcomes, groups = [] } = complete(runNetwork(layers, point, HARDWARE, 'published', { fusion }));
  return { outcomes, groups, totals: totalsOf(outcomes, groups).all };
}

const percent = (share: number): string => (100 * share).toFixed(1);
const signed = (share: number): string => (share > 0 ? `+${percent(share)}` : percent(share));

describe("FINDINGS.md's tables", () => {
  it
    .runIf(isVerify)
    .each(names.flatMap((name) => Object.entries(HOW).map(([how, fusion]) => [name, how, fusion] as const)))(
    'has the shares of the non-conv layers: %s, %s',
    (name, how, fusion) => {
      const { rows } = complete(networkTable(NETWORKS[name][1], PAPER_INPUTS, fusion));
      const shares = POINTS.map(
        (point) => rows.find((each) => each.name === `${point} non-conv runtime, %`)!.simulated!,
      );
      expect(row(`${name}, ${how}`)).toEqual(shares.map((share) => share.toFixed(1)));
    },
  );

  it.each(names.flatMap((name) => POINTS.slice(0, 3).map((point) => [name, point] as const)))(
    'has the estimate of pairs beside the machine: %s on %s',
    (name, point) => {
      const [network] = NETWORKS[name];
      const [apart, pairs] = [run(network, point, 'none'), run(network, point, 'pairs')];
      const saved = (model: 'closedForm' | 'simulated'): string =>
        percent(1 - pairs.totals[model].totalCycles / apart.totals[model].totalCycles);
      const over = pairs.groups.map((group) => {
        const members = pairs.outcomes.filter((outcome) => outcome.group === nameOfGroup(group.group));
        const estimate = members.reduce((sum, member) => sum + member.closedForm.totalCycles, 0);
        return group.totalCycles / estimate - 1;
      });
      const { simulated, closedForm: estimate } = pairs.totals;
      expect(row(`${name} ${point}`)).toEqual([
        saved('closedForm'),
        saved('simulated'),
        signed(simulated.totalCycles / estimate.totalCycles - 1),
        signed(Math.min(...over)),
        signed(Math.max(...over)),
      ]);
    },
  );

  it('says of how many groups the SIMD side binds', () => {
    const binding = (point: string): string => {
      const { groups } = run('resnet50', point, 'chains');
      const bound = groups.filter(({ units: { SA, SIMD } }) => SA.waiting.outputSlot > SIMD.waiting.obufTile);
      return `${bound.length} of ${groups.length}`;
    };
    expect(page).toContain(`binds in ${binding('HI3')} groups`);
    expect(page).toContain(`(${binding('HI1')} on HI1)`);
  });

  it.each([
    [1, 1024],
    [2, 1024],
    [2, 256],
  ])('has what %i slots of VMem and %i KiB of OBuf make of chains', (slots, obuf) => {
    const { sramKiB, slots: all } = hardwarePreset('HI3');
    const sizes = isVerify ? [128, 256, 512, 1024, 2048] : [1024];
    const cycles = sizes.map((vmem) => {
      const change = { sramKiB: { ...sramKiB, vmem, obuf }, slots: { ...all, vmem: slots } };
      return run('resnet50', 'HI3', 'chains', change).totals.simulated.totalCycles.toLocaleString('en-US');
    });
    const cells = row(`VMem with ${slots} slot${slots > 1 ? 's' : ''}, OBuf ${obuf} KiB`);
    expect(isVerify ? cells : [cells[3]]).toEqual(cycles);
  });

  it.each(['optimum of table VIII', 'best of its hundred'])('has what chains make of the %s', (name) => {
    const numbers = (cell: string): number[] => cell.split(',').map(Number);
    const [sizes, widths, taken] = row(name) as [string, string, string];
    const { sramKiB } = hardwarePreset('HI3');
    const [wbuf, ibuf, obuf, vmem] = numbers(sizes) as [number, number, number, number];
    const [weight, ifmap, psum, vmemBits] = numbers(widths) as [number, number, number, number];
    const change = {
      sramKiB: { ...sramKiB, wbuf, ibuf, obuf, vmem },
      bitsPerCycle: { weight, ifmap, psum, vmem: vmemBits },
    };
    const { totals } = run('resnet50', 'HI3', 'chains', change);
    expect(totals.simulated.totalCycles.toLocaleString('en-US')).toBe(taken);
  });
});
