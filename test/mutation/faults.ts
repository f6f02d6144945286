/** All faults that `npm run mutate` plants, one at a time. */
import { analyticalFaults } from './analyticalFaults.ts';
import { dramCountFaults } from './dramCountFaults.ts';
import { dramFaults } from './dramFaults.ts';
import { energyFaults } from './energyFaults.ts';
import type { Fault } from './fault.ts';
import { formulaFaults } from './formulaFaults.ts';
import { machineFaults } from './machineFaults.ts';
import { scheduleFaults } from './scheduleFaults.ts';
import { studyFaults } from './studyFaults.ts';
import { tilingFaults } from './tilingFaults.ts';
import { traceFaults } from './traceFaults.ts';
import { workloadFaults } from './workloadFaults.ts';

export const FAULTS: readonly Fault[] = [
  ...machineFaults,
  ...scheduleFaults,
  ...analyticalFaults,
  ...tilingFaults,
  ...energyFaults,
  ...formulaFaults,
  ...workloadFaults,
  ...dramFaults,
  ...dramCountFaults,
  ...studyFaults,
  ...traceFaults,
];
