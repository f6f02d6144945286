/** Runs a generator to its end, whatever it yields, and returns its result. */
export function drain<Result>(generator: Generator<unknown, Result>): Result {
  for (;;) {
    const step = generator.next();
    if (step.done === true) return step.value;
  }
}
