/** A fault of one line that is planted into the sources to see whether the tests notice. */
export interface Fault {
  /** What is wrong then. */
  readonly fault: string;
  /** The folder of `src/` in which the file lies; `model` unless given. */
  readonly floor?: 'model' | 'studies' | 'views' | 'doors';
  /** The file, from that folder on, and the function or class that holds the line. */
  readonly file: string;
  readonly where: string;
  /** What is replaced, and by what. `text` stands in the file exactly once. */
  readonly text: string;
  readonly becomes: string;
  /** The test files, from `test/` on, of which some must fail. They read the sources, not the built command line. */
  readonly tests: readonly string[];
  /** It once passed the whole suite, planted in one build with the others of this mark. */
  readonly wasMissed?: true;
  /** Of a change that is no fault: why no figure differs. The tests named must pass. */
  readonly equivalent?: string;
}
