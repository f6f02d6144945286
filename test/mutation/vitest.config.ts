/** Runs test files with the fault planted whose number SYSTOLE_FAULT gives. */
import { mergeConfig } from 'vitest/config';
import base from '../vitest.config.ts';
import { FAULTS } from './faults.ts';
import { plantFault } from './plantFault.ts';

export default mergeConfig(base, {
  plugins: [plantFault(FAULTS[Number(process.env['SYSTOLE_FAULT'])]!)],
  // One failure is enough. Several of these run at once.
  test: { bail: 1, maxWorkers: 1, reporters: ['json'], cache: false },
});
