/** Which operations of a program make what an operation reads. */
import type { ProducerNames } from '../layers/layer.ts';
import type { FreeOperation, Operation, Tensors } from './program.ts';

/** Where an operation's tensors come from. */
export interface Sources {
  readonly producers: ProducerNames;
  /** The roles of tensors that lie as one operation has made them: nothing free but a dropout has changed them since. */
  readonly asMade: readonly string[];
}

interface Made {
  readonly by: readonly string[];
  readonly isAsMade: boolean;
}

const known = new WeakMap<readonly Operation[], readonly Sources[]>();

/**
 * Per operation, in program order: the names of the operations that make its tensors, looking past free ones. A tensor
 * that is written again (a parameter's update) is from then on its last writer's. Worked out once for each program: a
 * search tiles the same one for many machines.
 */
export function sourcesOf(operations: readonly Operation[]): readonly Sources[] {
  let sources = known.get(operations);
  if (sources === undefined) {
    sources = workOut(operations);
    known.set(operations, sources);
  }
  return sources;
}

function workOut(operations: readonly Operation[]): Sources[] {
  const made = new Map<string, Made>();
  return operations.map((operation) => {
    const read = Object.entries<string>(operation.reads).flatMap(([role, tensor]) => {
      const source = made.get(tensor);
      return source === undefined ? [] : [[role, source] as const];
    });
    const sources = new Map(read);
    for (const [role, tensor] of Object.entries<string>(operation.writes)) {
      made.set(
        tensor,
        operation.unit === 'free' ? passedOn(operation, role, sources) : { by: [operation.name], isAsMade: true },
      );
    }
    return {
      producers: Object.fromEntries(read.map(([role, { by }]) => [role, by])),
      asMade: read.flatMap(([role, { isAsMade }]) => (isAsMade ? [role] : [])),
    };
  });
}

/** What a free operation puts out is there when what it reads is: of the same role, where it has one, else all of it. */
function passedOn({ op, reads }: FreeOperation, role: string, sources: ReadonlyMap<string, Made>): Made {
  const isAsMade = op === 'dropout' && [...sources.values()].every((source) => source.isAsMade);
  if ((reads as Tensors)[role] !== undefined) return { by: sources.get(role)?.by ?? [], isAsMade };
  return { by: [...new Set([...sources.values()].flatMap(({ by }) => by))], isAsMade };
}
