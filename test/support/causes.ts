import type { Waiting } from '../../src/model/machine/waiting.ts';

/** The causes of waiting that cost something. */
export function causes(waiting: Waiting): Partial<Waiting> {
  return Object.fromEntries(Object.entries(waiting).filter(([, cycles]) => cycles > 0));
}
