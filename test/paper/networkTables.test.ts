import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { everyNetwork } from '../../src/studies/paper/everyNetwork.ts';
import { figure5 } from '../../src/studies/paper/figure5.ts';
import { networkTable } from '../../src/studies/paper/networkTables.ts';
import { beside, isAsPrinted, type PaperTarget } from '../../src/studies/paper/target.ts';
import { complete } from '../support/complete.ts';
import { golden } from '../support/golden.ts';
import { PAPER_INPUTS } from '../support/paper.ts';
import { hardwarePreset, trainingLayers } from '../support/presets.ts';

type PrintedTable = Record<string, [number, number, number, number, number, number]>;
const printed = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as {
  VI_resnet50: PrintedTable;
  VII_resnet18: PrintedTable;
  fig5: Record<string, number>;
};

const COLUMNS = ['runtime', 'on-chip', 'off-chip', 'energy', 'power', 'runtime, s'];

describe.each([
  ['VI', printed.VI_resnet50, ['HT2 non-conv off-chip access, %'], 'resnet50'],
  ['VII', printed.VII_resnet18, ['HT1 non-conv off-chip access, %'], 'resnet18'],
] as const)('table %s', (target, table, roundedTwice, network) => {
  const { rows, notes }: PaperTarget = complete(networkTable(target, PAPER_INPUTS));

  it('shows what the paper prints', () => {
    expect(rows.map((row) => row.printed)).toEqual(Object.values(table).flat());
    for (const [place, name] of Object.keys(table).entries()) {
      for (const [column, words] of COLUMNS.entries()) {
        expect(rows[place * COLUMNS.length + column]!.name).toMatch(new RegExp(`^${name} .*${words}`));
      }
    }
  });

  it('gives runtime and accesses to the printed digit; one share is rounded twice in print', () => {
    const closedFormRows = rows.filter((row) => !/energy|power/.test(row.name));
    expect(closedFormRows).toHaveLength(24);
    const others = closedFormRows.filter((row) => !isAsPrinted(row));
    expect(others.map((row) => row.name)).toEqual(roundedTwice);
    expect(others[0]!.note).toMatch(/^rounded twice in print: (59\.247 → 59\.25 → 59\.3|41\.747 → 41\.75 → 41\.8)$/);
  });

  it('comes within 5.1 % of the power and 4.2 points of the energy share, and says that this is a fit', () => {
    const power = rows.filter((row) => row.name.includes('power'));
    const energy = rows.filter((row) => row.name.includes('energy'));
    expect([power.length, energy.length]).toEqual([6, 6]);
    for (const row of power) expect(Math.abs(row.difference! / row.printed!)).toBeLessThanOrEqual(0.051);
    for (const row of energy) expect(Math.abs(row.difference!)).toBeLessThanOrEqual(4.2);
    expect(notes.join('\n')).toContain('A fit, not measured data');
  });

  it('has the simulation beside every figure', () => {
    for (const row of rows) expect(Math.abs(row.simulated! / row.computed - 1), row.name).toBeLessThan(0.1);
  });

  it('computes runtimes from the golden cycles, not from the print', () => {
    const file = golden(`${network}-training-HT3`);
    const [compute, stall] = [file.columns.indexOf('cycles_compute'), file.columns.indexOf('cycles_stall')];
    const cycles = [file.total_SA, file.total_SIMD].reduce((sum, total) => sum + total[compute]! + total[stall]!, 0);
    // HT3's clock is 1.22 ns.
    expect(rows.find((row) => row.name === 'HT3 total runtime, s')!.computed).toBeCloseTo(cycles * 1.22e-9, 9);
  });
});

describe('figure 5', () => {
  const { rows, data } = figure5(PAPER_INPUTS);

  it('shows the printed maxima beside those over all convs, which are 74.4 % and 45.0 %', () => {
    const [noStall, simplified] = [rows[0]!, rows[3]!];
    expect([noStall.printed, simplified.printed]).toEqual(Object.values(printed.fig5));
    expect([noStall.computed.toFixed(1), simplified.computed.toFixed(1)]).toEqual(['74.4', '45.0']);
    expect(noStall.difference).toBeCloseTo(noStall.computed - 80.7, 12);
  });

  it('holds 53 convs of the inference and three times as many of the training iteration', () => {
    expect(data.filter((layer) => layer.phase === 'inference')).toHaveLength(53);
    // Forward, dX and dW; the published iteration has a dX of the first layer too.
    expect(data.filter((layer) => layer.phase === 'training')).toHaveLength(3 * 53);
  });

  it('has estimates that never exceed the cycles that they estimate from below', () => {
    const cycles = new Map(
      trainingLayers('resnet50', hardwarePreset('HT3'), 'published').map((layer) => [
        layer.name,
        closedForm(layer, hardwarePreset('HT3'), 'published').totalCycles,
      ]),
    );
    for (const layer of data.filter((each) => each.phase === 'training')) {
      expect(layer.totalCycles, layer.layer).toBe(cycles.get(layer.layer));
      expect(layer.noStallCycles).toBeLessThanOrEqual(layer.simplifiedCycles);
    }
  });
});

describe('a figure beside the printed one', () => {
  it('is as printed when it rounds to it', () => {
    expect(isAsPrinted(beside('x', 41.9, 41.949, 1))).toBe(true);
    expect(isAsPrinted(beside('x', 41.9, 41.951, 1))).toBe(false);
    expect(beside('x', 41.9, 40, 1)).toMatchObject({ difference: 40 - 41.9 });
    expect(beside('x', null, 40, 1)).toMatchObject({ printed: null, difference: null });
  });

  it('says when the print has rounded twice', () => {
    expect(beside('x', 59.3, 59.2467, 1).note).toBe('rounded twice in print: 59.247 → 59.25 → 59.3');
    expect(beside('x', 59.2, 59.2467, 1).note).toBeUndefined();
    expect(beside('x', 59.3, 59.2, 1).note).toBeUndefined();
  });
});

describe('all networks', () => {
  const { rows }: PaperTarget = complete(everyNetwork(PAPER_INPUTS));

  it('have the printed shares where the paper has the network, by the published iteration', () => {
    const asPrinted = rows.filter(({ printed }) => printed !== null);
    expect(asPrinted.map(({ name }) => name)).toEqual(['resnet18 on HI3', 'resnet18 on HT3, published']);
    expect(asPrinted.every(isAsPrinted)).toBe(true);
  });

  it('are what is run: three rows each', () => {
    expect(rows.map(({ name }) => name).slice(3)).toEqual([
      'mobilenet_v2 on HI3',
      'mobilenet_v2 on HT3, exact',
      'mobilenet_v2 on HT3, published',
    ]);
  });
});
