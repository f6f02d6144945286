/** Runs a generator to its end and returns its result. */
export function complete<Result>(run: Generator<unknown, Result>): Result {
  for (let step = run.next(); ; step = run.next()) if (step.done === true) return step.value;
}
