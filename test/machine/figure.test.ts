/** The picture of the machine in the README: it is drawn from the wiring, and the wiring is that of figure 2. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { machineSvg } from '../../bench/machineFigure.ts';
import { machineWiring, type Wire } from '../../bench/machineWiring.ts';
import { hardwarePreset } from '../support/presets.ts';

const wiring = machineWiring(hardwarePreset('HI3'));
const inWords = ({ from, carries, to }: Wire): string => `${from} ${carries} ${to}`;

describe('the picture of the machine', () => {
  it('in the README is what the wiring says: npm run figures', () => {
    const picture = readFileSync(new URL('../../bench/figures/machine.svg', import.meta.url), 'utf8');
    expect(picture).toBe(machineSvg(wiring));
  });

  it('has an arrow for every wire that carries bits', () => {
    expect(
      wiring.wires
        .filter(({ carries }) => ['loads', 'stores', 'reads', 'writes'].includes(carries))
        .map(inWords)
        .sort(),
    ).toEqual([
      'bbuf reads peArray',
      'ibuf reads peArray',
      'ifmapInterface loads ibuf',
      'imem reads simdPipeline',
      'obuf reads peArray',
      'obuf reads simdPipeline',
      'obuf stores psumInterface',
      'peArray writes obuf',
      'psumInterface loads obuf',
      'simdPipeline writes vmem',
      'vmem reads simdPipeline',
      'vmem stores vmemInterface',
      'vmemInterface loads vmem',
      'wbuf reads peArray',
      'weightInterface loads bbuf',
      'weightInterface loads wbuf',
    ]);
  });

  it('changes with the slots of the hardware file', () => {
    const hardware = hardwarePreset('HI3');
    const more = machineSvg(machineWiring({ ...hardware, slots: { ...hardware.slots, ibuf: 3 } }));
    expect(more.match(/3 tile slots/g)).toHaveLength(1);
  });

  it('cannot be drawn with a wire or a component too many, or with one too few', () => {
    const draw = (wires: readonly Wire[]) => () => machineSvg({ ...wiring, wires });
    const wire = { from: 'ifmapInterface', to: 'vmem', carries: 'loads' } as const;
    expect(draw([...wiring.wires, wire])).toThrow('no place in the picture: ifmapInterface loads vmem');
    expect(draw([...wiring.wires, { from: 'saDispatcher', to: 'cache', carries: 'slots' }])).toThrow(
      'no place in the picture: cache',
    );
    expect(draw(wiring.wires.filter((each) => inWords(each) !== 'wbuf reads peArray'))).toThrow(
      'no such wires: wbuf reads peArray',
    );
    const deaf = wiring.wires.filter((each) => inWords(each) !== 'psumInterface ended saDispatcher');
    expect(draw(deaf)).toThrow('saDispatcher does not hear of all that it asks for');
  });
});
