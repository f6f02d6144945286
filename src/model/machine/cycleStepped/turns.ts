/** In which order the instructions of a part run on a vector, and which of them add up. */
import type { SimdLayer } from '../../layers/layer.ts';
import { executionsPerElement, type Instruction, isImmediate } from '../../operations/simdRow.ts';

/** Whether an instruction adds to what its result held before. */
export function accumulates({ alu, a }: Instruction): boolean {
  return alu === 'mac' || (!isImmediate(a) && a.forwards === 'accumulator');
}

/** Instructions that take turns: neighbours that run equally often, more than once. */
export function* inTurns(instructions: readonly Instruction[]): Generator<readonly Instruction[]> {
  for (let from = 0, to = 0; from < instructions.length; from = to) {
    const { times } = instructions[from]!;
    to = from + 1;
    while (times !== 'once' && instructions[to]?.times === times) to++;
    yield instructions.slice(from, to);
  }
}

/** Calls `visit` for each place of the window, and each corner, of instructions that take turns. */
export function forEachTurn(
  { times }: Instruction,
  { window }: SimdLayer,
  visit: (tap: number, corner: number, isFirst: boolean) => void,
): void {
  const lastTap = window.kh * window.kw - 1;
  // What runs once sees the last place of the window.
  if (times === 'once') {
    visit(lastTap, 0, true);
    return;
  }
  const corners = times === 'corners' ? 4 : 1;
  const executions = executionsPerElement({ times }, window);
  for (let turn = 0; turn < executions; turn++) {
    const corner = turn % corners;
    visit(Math.floor(turn / corners), corner, turn === 0);
  }
}
