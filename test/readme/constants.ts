/** Numbers in the README that no command prints: what they are instead. */

/** Numbers that are not figures. */
export interface Constants {
  /** The text with the numbers; `{n}` is any number. */
  readonly text: string;
  readonly because: string;
}

export const CONSTANTS: readonly Constants[] = [
  { text: 'a 1×K SIMD array', because: 'the shape of the array' },
  { text: 'Node 20 or newer', because: 'the version in package.json' },
  { text: 'ends with exit 2 and a word', because: 'an exit code' },
  { text: 'Exit code 0: fine; 2: your input is wrong', because: 'exit codes' },
  { text: '70: our bug; 128 + n: stopped by signal n', because: 'exit codes' },
  { text: 'exits 0 when all figures are equal', because: 'an exit code' },
  { text: 'and exits 1 when they are not', because: 'an exit code' },
  { text: '(exit code 1)', because: 'an exit code' },
  { text: '{n} % of its peak bandwidth at first', because: 'the least load unless others are given' },
  { text: '2 per MAC', because: 'the definition of a column' },
  { text: '(T + 2R + C − 2) − 1, beside', because: "SCALE-Sim's formula; test/importers/scaleSim.test.ts" },
  { text: 'a training iteration of 32, exact', because: 'what was run' },
  { text: "figure {n}'s", because: 'a figure of the paper' },
  { text: '(figure {n})', because: 'a figure of the paper' },
  { text: 'Figure {n} of the paper', because: 'a figure of the paper' },
  { text: 'and figures {n} {n} and {n} in a few seconds', because: 'figures of the paper' },
  { text: 'eqs ({n}), ({n}) and ({n})', because: 'equations of the paper' },
  { text: '(eqs {n}–{n})', because: 'equations of the paper' },
  { text: 'loads of step j+1, compute j, store j−1', because: 'the next and the last step' },
  { text: '1. **The fractions', because: 'a list' },
  { text: '2. **Double buffering', because: 'a list' },
  { text: '3. **A psum', because: 'a list' },
  { text: '1. **Two slots', because: 'a list' },
  { text: '2. **A bandwidth', because: 'a list' },
  { text: '3. **The PE array', because: 'a list' },
  { text: '4. **Twice the columns', because: 'a list' },
  { text: 'One cycle is 1 µs in Perfetto', because: 'the unit of the format' },
  { text: 'in MB (10⁶ bytes)', because: 'the definition of a unit' },
  {
    text: 'HBM3-6400, DDR3-1600K, DDR4-2400, DDR5-4800B, GDDR6-14000, LPDDR5-6400, and LPDDR4',
    because: 'the names of presets',
  },
  { text: '(`hw/energy/dram/`: HBM2, DDR4-2400, DDR3-1600K,', because: 'the names of presets' },
  { text: '80 columns elsewhere', because: 'a terminal; test/cli/views.test.ts' },
  { text: '(⌈1.1 · 1.1 · 100⌉ is 121)', because: 'an example; test/expressions/expression.test.ts' },
  { text: 'Ramulator 2.1', because: 'the version of the reference' },
  {
    text: 'channels rounded up to 32 in updates',
    because: 'a rule of the published runs; test/analytical/goldenTraining.test.ts',
  },
  { text: 'one file of less than 200 kB', because: 'what test/library/workerPage.test.ts lets it take' },
  { text: '(closed form, batch 32)', because: 'what was run' },
  { text: 'the way to cycle 4,800,000,000', because: 'an example of a long way' },
  { text: 'identity at 224×224', because: 'the size of an image' },
  { text: "The paper's 12 nm data", because: "the paper's process" },
];
