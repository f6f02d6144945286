/** How far an explanation says it is: on with every trial run, and never back. */
import { describe, expect, it } from 'vitest';
import type { Layer } from '../../src/model/layers/layer.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { explainLayer, type Pause, STAGES } from '../../src/studies/explain/explanation.ts';
import { conv, hardware, relu } from '../support/fiveTiles.ts';

/** The pauses of an explanation, in order. */
function pausesOf(layer: Layer): Pause[] {
  const setting = {
    ...{ hardware, dram: { kind: 'ideal' } as const, assumptions: HARDWARE, fastForward: true, energy: undefined },
    ...{ variant: 'published' as const, retile: () => layer, generate: undefined },
  };
  return [...explainLayer(layer, setting)];
}

describe.each([conv('conv', 5), relu])('the progress of an explanation of $name', (layer) => {
  const pauses = pausesOf(layer);

  it('lies in the quarter of its stage, and never goes back', () => {
    expect(new Set(pauses.map(({ what }) => what)).has(STAGES.at(-1)!)).toBe(true);
    for (const [place, { stage, share }] of pauses.entries()) {
      expect(share).toBeGreaterThanOrEqual(Math.max(stage / STAGES.length, pauses[place - 1]?.share ?? 0));
      expect(share).toBeLessThan((stage + 1) / STAGES.length);
    }
  });

  it('goes on with every run of the last stage', () => {
    const last = pauses.filter(({ stage }) => stage === STAGES.length - 1);
    const shareAt = new Map(last.map(({ runs, share }) => [runs, share]));
    expect(shareAt.size).toBeGreaterThan(5);
    expect(new Set(shareAt.values()).size).toBe(shareAt.size);
  });
});
