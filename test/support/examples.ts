/** Examples for users as the suite runs them: what takes long of them is made smaller, but under verify. */

/** What takes longest of an example, and what the suite puts in its place. */
export const SMALLER: readonly (readonly [RegExp, string])[] = [
  [/--cases \d+/, '--cases 20'],
  [/--workload \S+ --dram/, '--workload test/cases/pad.json --dram'],
  [/--characterise/, '--characterise --reads 50 --loads 50'],
];

/** The arguments that are run in place of those of an example. */
export function exampleAsRun(args: string): string {
  if (process.env['SYSTOLE_VERIFY'] === '1') return args;
  return SMALLER.reduce((text, [pattern, smaller]) => text.replace(pattern, smaller), args);
}
