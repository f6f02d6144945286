/**
 * Twenty small chains of layers without a barrier between them, by an independent prototype of the rules (SEMANTICS.md,
 * Layers that overlap).
 */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/model/machine/machine.ts';
import { complete } from '../support/complete.ts';
import { causesOf, chains, overlapped } from '../support/goldenChains.ts';

describe.each(chains.map((chain) => [chain.id, chain] as const))('chain %i', (_, chain) => {
  const { hardware, layers, assumptions } = overlapped(chain);
  const result = complete(new Machine(hardware).runOverlapped(layers, assumptions));

  it('takes these cycles, layer by layer', () => {
    expect(layers.map(({ name }, place) => [name, result.layers[place]!.totalCycles])).toEqual(
      chain.layers.map(({ name, cycles }) => [name, cycles]),
    );
    expect(result.totalCycles).toBe(chain.total);
  });

  it('with these waits of each unit', () => {
    const { SA, SIMD } = result.units;
    expect([SA.busyCycles, SIMD.busyCycles]).toEqual([chain.saBusy, chain.simdBusy]);
    expect(causesOf(SA.waiting)).toEqual(causesOf(chain.saWaiting));
    expect(causesOf(SIMD.waiting)).toEqual(causesOf(chain.simdWaiting));
  });

  it('with these waits and this traffic of each layer', () => {
    for (const [place, golden] of chain.layers.entries()) {
      const { computeCycles, waiting, dramBits } = result.layers[place]!;
      expect([computeCycles, causesOf(waiting), dramBits]).toEqual([
        golden.busy,
        causesOf(golden.waiting),
        golden.dramBits,
      ]);
    }
  });

  it('and with a barrier takes what its layers take one by one', () => {
    const machine = new Machine(hardware);
    const cycles = layers.map((layer) => machine.run(layer, assumptions).totalCycles);
    expect(cycles).toEqual(chain.layers.map(({ barrierCycles }) => barrierCycles));
  });
});
