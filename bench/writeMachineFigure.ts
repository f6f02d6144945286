/** Writes bench/figures/machine.svg: node dist/bench/bench/writeMachineFigure.js */
import { writeFileSync } from 'node:fs';
import { presetHardware } from './layers.ts';
import { machineSvg } from './machineFigure.ts';
import { machineWiring } from './machineWiring.ts';

writeFileSync(
  new URL('../../../bench/figures/machine.svg', import.meta.url),
  machineSvg(machineWiring(presetHardware('HI3'))),
);
