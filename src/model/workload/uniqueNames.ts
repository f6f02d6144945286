/** Names that tell operations apart, whatever the workload file calls its layers. */
import type { Operation } from './program.ts';

/**
 * The operations, each that costs something with a name of its own: where a layer is called as a gradient of another,
 * or a tensor's gradient is summed up more than once, the second `a.dW` in program order is `a.dW #2`.
 */
export function withUniqueNames(operations: readonly Operation[]): Operation[] {
  const taken = new Set(operations.map(({ name }) => name));
  const counts = new Map<string, number>();
  return operations.map((operation) => {
    const { name } = operation;
    if (operation.unit === 'free') return operation;
    let count = (counts.get(name) ?? 0) + 1;
    if (count > 1) while (taken.has(`${name} #${count}`)) count++;
    counts.set(name, count);
    if (count === 1) return operation;
    const unique = `${name} #${count}`;
    taken.add(unique);
    return { ...operation, name: unique };
  });
}
