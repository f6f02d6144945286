/** Faults in formulas: what their names stand for, and how expressions are put together. */
import type { Fault } from './fault.ts';

const PUBLISHED = ['formulas/published.test.ts'];
const FILES = ['formulas/files.test.ts'];

export const formulaFaults: readonly Fault[] = [
  {
    fault: 'weights travel with more bandwidth than the array takes',
    file: 'formulas/saQuantities.ts',
    where: 'SA_QUANTITIES',
    text: 'ceilDiv(tileBitsOf(l).weight, usableWeightBitsPerCycle(hardware))',
    becomes: 'ceilDiv(tileBitsOf(l).weight, hardware.bitsPerCycle.weight)',
    tests: PUBLISHED,
  },
  {
    fault: 'the product of the multipliers leaves groups out',
    file: 'formulas/saQuantities.ts',
    where: 'SA_QUANTITIES',
    text: 'm * (sizes[dim] / tile[dim]), groups)',
    becomes: 'm * (sizes[dim] / tile[dim]), 1)',
    tests: PUBLISHED,
  },
  {
    fault: 'what loops are outside of is counted from the inside',
    file: 'formulas/saQuantities.ts',
    where: 'SA_QUANTITIES',
    text: 'read: ({ loopOrder }) => loopOrder.indexOf(dim),',
    becomes: 'read: ({ loopOrder }) => loopOrder.length - 1 - loopOrder.indexOf(dim),',
    tests: FILES,
  },
  {
    fault: 'a value is filled in before those that it is made of',
    file: 'formulas/ruleCompiler.ts',
    where: 'fillsFor',
    text: 'needs.forEach(visit);',
    becomes: '',
    tests: FILES,
  },
  {
    fault: 'a rule holds where its relation does not',
    file: 'formulas/parseFormula.ts',
    where: 'rulesOn',
    text: 'if (where.evaluate(frame) === true) return rule;',
    becomes: 'if (where.evaluate(frame) === false) return rule;',
    tests: FILES,
  },
  {
    fault: 'a figure may be none',
    file: 'formulas/formula.ts',
    where: 'expectFinite',
    text: 'if (Number.isFinite(value)) return value;',
    becomes: 'if (!Number.isNaN(value)) return value;',
    tests: FILES,
  },
  {
    fault: 'corner is the ceiling',
    file: 'formulas/references.ts',
    where: 'REFERENCE_CODE',
    text: 'cycles: cornerCycles(layer, hardware)',
    becomes: "cycles: closedForm(layer, hardware, 'ceiling').totalCycles",
    tests: ['formulas/builtIns.test.ts'],
  },
  {
    fault: 'rounding is taken for something',
    file: 'expressions/expression.ts',
    where: 'FUNCTIONS',
    text: 'Math.ceil(withoutRounding(value))',
    becomes: 'Math.ceil(value)',
    tests: ['expressions/expression.test.ts'],
  },
];
