/** Which operations of a program make what an operation reads. */
import type { ProducerNames } from '../layers/layer.ts';
import type { FreeOperation, Operation, Tensors } from './program.ts';

/**
 * Per operation, in program order: the names of the operations that make its tensors, looking past free ones. A tensor
 * that is written again (a parameter's update) is from then on its last writer's.
 */
export function producersOf(operations: readonly Operation[]): ProducerNames[] {
  const makers = new Map<string, readonly string[]>();
  return operations.map((operation) => {
    const producers = Object.fromEntries(
      Object.entries(operation.reads).flatMap(([role, tensor]) => {
        const made = makers.get(tensor);
        return made === undefined ? [] : [[role, made]];
      }),
    );
    for (const [role, tensor] of Object.entries<string>(operation.writes)) {
      makers.set(tensor, operation.unit === 'free' ? passedOn(operation, role, producers) : [operation.name]);
    }
    return producers;
  });
}

/** What a free operation puts out is there when what it reads is: of the same role, where it has one, else all of it. */
function passedOn({ reads }: FreeOperation, role: string, producers: ProducerNames): readonly string[] {
  if ((reads as Tensors)[role] !== undefined) return producers[role] ?? [];
  return [...new Set(Object.values(producers).flat())];
}
