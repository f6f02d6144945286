/** Formula files: what they may say, and what is wrong with one, told before anything runs. */
import { describe, expect, it } from 'vitest';
import { formulaOf } from '../../src/model/formulas/formula.ts';
import { parseFormula } from '../../src/model/formulas/parseFormula.ts';
import { namesOf, VOCABULARY } from '../../src/model/formulas/vocabulary.ts';
import type { SaLayer, SimdLayer } from '../../src/model/layers/layer.ts';
import { UNIT_SLIDING, WEIGHT_STATIONARY } from '../../src/model/layers/layer.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

const HI3 = hardwarePreset('HI3');

/** 3×3 over 14×14 outputs, 128 channels to 320: one and two and a half tiles along oc, two rows of pixels each. */
const conv: SaLayer = {
  unit: 'SA',
  name: 'conv',
  op: 'conv',
  groups: 1,
  sizes: { oc: 320, ic: 128, kh: 3, kw: 3, n: 1, oh: 14, ow: 14 },
  tile: { oc: 128, ic: 128, kh: 3, kw: 3, n: 1, oh: 2, ow: 14 },
  ...UNIT_SLIDING,
  loopOrder: WEIGHT_STATIONARY,
  bits: { weight: 8, ifmap: 8, psum: 32, bias: 32 },
};

const relu = inferenceLayers('resnet18', HI3).find(({ op }) => op === 'relu') as SimdLayer;

const rule = (cycles: string, more: object = {}) => ({ for: 'any', cycles, ...more });
const file = (...rules: object[]) => ({ name: 'mine', rules });
const cycles = (value: object, layer: SaLayer | SimdLayer = conv) =>
  parseFormula(value, 'mine.json').on(HI3).column(layer, 'cycles');

function problemsOf(value: unknown): string[] {
  try {
    parseFormula(value, 'mine.json');
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n');
    throw error;
  }
}

describe('an expression of a formula', () => {
  it.each([
    ['J * K', 4096],
    ['OC / T_oc', 2.5],
    ['m_oc + M_oc', 5.5],
    ['m', 17.5], // 2.5 along oc, 7 along oh
    ['C_tile', 2 * 14 * 9 * 2 * 2], // eq 15: 128 channels are two passes of 64 rows, 128 filters two of 64 columns
    ['PSO', 63 + 63],
    ['V_w * b_w', 128 * 128 * 9 * 8],
    ['V_i', 4 * 16 * 128],
    ['T_ih * T_iw', 4 * 16],
    ['transfer_p - ceil(V_p * b_p / BW_o)', 0],
    ['transfer_w - ceil(V_w * b_w / min(BW_w, J * bits.weight))', 0],
    ["order == 'oc ic kh kw n oh ow' && op == 'conv' ? at.oc : at.ow", 0],
    ['at.ow', 6],
    ['sramKiB.wbuf + slots.obuf', HI3.sramKiB.wbuf + 2],
    ['λ_div - aluCycles.div', 0],
    ['own.IC', 128],
  ])('%s is %s', (text, value) => {
    const layers = ['at', 'm', 'V', 'T', 'C', 'O', 'own', 'order', 'transfer'];
    const of = layers.some((begin) => text.startsWith(begin)) ? { for: 'SA' } : {};
    expect(cycles(file(rule(text, of)))).toBe(value);
  });

  it('may read values with names of their own, and other columns', () => {
    const formula = parseFormula(
      {
        name: 'mine',
        let: { doubled: 'half * 4', half: 'J / 2' },
        rules: [
          {
            for: ['conv', 'gemm'],
            let: { fits: 'V_w < 2 * OC', rest: 'doubled - J' },
            computeCycles: 'fits ? 1 : C_tile',
            stallCycles: 'rest',
            cycles: 'computeCycles + stallCycles',
            dramBits: { weight: 'V_w * b_w' },
          },
        ],
      },
      'mine.json',
    );
    expect(formula.columns).toEqual(['cycles', 'computeCycles', 'stallCycles', 'dramBits.weight']);
    expect(formula.on(HI3).evaluate(conv)).toEqual({
      cycles: 1008 + 64,
      computeCycles: 1008,
      stallCycles: 64,
      dramBits: { weight: 1_179_648 },
    });
    expect(formula.on(HI3).evaluate(relu)).toBeUndefined();
    expect(formula.on(HI3).column(conv, 'sramBits.wbuf')).toBeUndefined();
  });

  it('is that of the first rule which is for the layer and holds', () => {
    const rules = file(
      { for: 'gemm', cycles: '1' },
      { for: 'SA', where: 'KH == 1', cycles: '2' },
      { for: ['relu', 'conv'], where: "op == 'conv'", cycles: '3' },
      { for: 'SIMD', cycles: '4' },
    );
    expect(cycles(rules)).toBe(3);
    expect(cycles(rules, { ...conv, sizes: { ...conv.sizes, kh: 1 } })).toBe(2);
    expect(cycles(rules, relu)).toBe(4);
  });
});

describe('what is wrong with a formula file', () => {
  it.each([
    [
      file(rule('J + T_c', { for: 'conv' })),
      'rules[0].cycles: got "J + T_c", expected an expression of what is known of a conv or gemm (there is no T_c; did you mean T_oc?) at character 5',
    ],
    [
      file(rule('T_o * 2', { for: 'relu' })),
      'rules[0].cycles: got "T_o * 2", expected an expression of what is known of a layer on the SIMD array (there is no T_o; did you mean T_c?) at character 1',
    ],
    [file(rule('K > J')), 'rules[0].cycles: got "K > J", expected a number; it is a relation'],
    [file(rule('1', { where: 'J' })), 'rules[0].where: got "J", expected a relation; it is a number'],
    [file(rule('op')), 'rules[0].cycles: got "op", expected a number; it is a string'],
    [
      file(rule('1', { for: 'convs' })),
      'rules[0].for: got "convs", expected an operation (systole list operations), SA, SIMD or any; did you mean conv?',
    ],
    [
      file(rule('1', { let: { J: '2' } })),
      'rules[0].let.J: got "J", expected a name that is still free; J is known already',
    ],
    [
      file(rule('1', { let: { 'a b': '2' } })),
      'rules[0].let."a b": got "a b", expected a name: letters, digits and _, not beginning with a digit',
    ],
    [
      file(rule('a', { let: { a: 'b + 1', b: 'a' } })),
      'rules[0].let.a: got "b + 1", expected a value that is not made of itself (a → b → a)',
    ],
    [
      file(rule('1', { let: { a: "'x'" } })),
      `rules[0].let.a: got "'x'", expected a number or a relation; it is a string`,
    ],
    // Nobody reads it, and still it is wrong.
    [
      { ...file(rule('1')), let: { unread: 'Kay' } },
      'let.unread: got "Kay", expected an expression of what is known of a conv or gemm (there is no Kay) at character 1',
    ],
    [file(rule('1', { dramBits: { weights: '1' } })), 'rules[0].dramBits.weights: got "1", expected no such field'],
    [file({ for: 'any' }), 'rules[0].cycles: expected a value of type string (it is missing)'],
    [{ name: 'mine' }, 'expected either rules or a reference'],
    [{ ...file(rule('1')), reference: 'corner' }, 'expected either rules or a reference'],
    [
      { name: 'mine', reference: 'cornr' },
      'reference: got "cornr", expected one of published, ceiling, corner; did you mean corner?',
    ],
  ])('%j', (value, problem) => {
    const [first = ''] = problemsOf(value);
    expect(first.replace(/^mine\.json: /, '')).toContain(problem);
  });

  it('is told all at once, each thing once', () => {
    const value = {
      name: 'mine',
      let: { shared: 'nothing' },
      rules: [rule('shared'), rule('shared + J * Jot'), rule('1 +')],
    };
    expect(problemsOf(value).map((line) => line.split(': ')[1])).toEqual(['let.shared', 'rules[2].cycles']);
  });

  it('is a figure that is none, with the layer', () => {
    expect(() => cycles(file(rule('J / (K - 64)')))).toThrow(
      'mine.json: rules[0].cycles: got Infinity, expected a finite number (layer conv)',
    );
  });
});

describe('a formula that is code', () => {
  it('gives what it returns, checked', () => {
    const formula = formulaOf({
      name: 'half',
      evaluate: ({ op }) => (op === 'conv' ? 12 : op === 'gemm' ? Number.NaN : undefined),
    });
    const on = formula.on(HI3);
    expect(on.evaluate(conv)).toEqual({ cycles: 12 });
    expect(on.column(relu, 'cycles')).toBeUndefined();
    expect(() => on.column({ ...conv, op: 'gemm' }, 'cycles')).toThrow(
      'half: cycles: got NaN, expected a finite number (layer conv)',
    );
  });
});

describe('the vocabulary', () => {
  it.each(['SA', 'SIMD'] as const)(
    'has a name for each quantity of %s layers once, which expressions can read',
    (unit) => {
      const names = namesOf(VOCABULARY[unit]);
      expect(new Set(names).size).toBe(names.length);
      const texts = new Set(Object.keys(VOCABULARY[unit].texts));
      const layer = unit === 'SA' ? conv : relu;
      for (const name of names) {
        const text = texts.has(name) ? `${name} == 'x' ? 1 : 0` : name;
        expect(cycles(file({ for: unit, cycles: text }), layer), name).toBeGreaterThanOrEqual(0);
      }
    },
  );
});
