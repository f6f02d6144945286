/** The README's way from a formula to where it fails, with the formula that stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ValidationReport } from '../../src/views/report/validationReport.ts';
import { root, systole, temporaryFile } from '../support/cli.ts';
import { README } from './prose.ts';

const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8')) as unknown;

describe('the way from a formula to where it fails', () => {
  const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(README)![1]!) as { rules: { cycles: string }[] };

  it('begins with the formula that the README shows', () => {
    expect(shown).toEqual(read('test/formulas/mine.formula.json'));
    const file = temporaryFile('mine.formula.json', shown);
    expect(systole('validate', file).stdout).toBe(`formula ${file}: fine (mine: 1 column)\n`);
  });

  it('tells a misspelt name, its place and what was meant', () => {
    const [rule] = shown.rules as [{ cycles: string }];
    const cycles = rule.cycles.replace('C_tile', 'C_title');
    const file = temporaryFile('mine.formula.json', { ...shown, rules: [{ ...rule, cycles }] });
    const { status, stderr } = systole('validate', file, '-c', 'HI3', '-t', 'resnet18');
    expect(status).toBe(2);
    expect(stderr).toContain(`${file}: rules[0].cycles: `);
    expect(stderr).toContain(
      `(there is no C_title; did you mean C_tile?) at character ${cycles.indexOf('C_title') + 1}`,
    );
  });

  it('finds the layer that the formula gets wrong, and is better once that is mended', () => {
    const names = ['mine', 'mended'].map((name) => `test/formulas/${name}.formula.json`);
    const { formulas } = JSON.parse(
      systole('validate', ...names, '-c', 'HI2', '-t', 'resnet50', '--top', '1', '--format', 'json').stdout,
    ) as ValidationReport;
    const [mine, mended] = formulas as [ValidationReport['formulas'][number], ValidationReport['formulas'][number]];
    // 7 × 7 tiles of a pixel for each weight tile: the formula waits 49 times too often for weights.
    expect(mine.worst[0]).toMatchObject({ layer: 'layer4.0.conv2', op: 'conv', error: expect.any(Number) });
    expect(mine.worst[0]!.error).toBeGreaterThan(20);
    expect(mended.all!.meanAbsolute).toBeLessThan(mine.all!.meanAbsolute / 5);
  });
});
