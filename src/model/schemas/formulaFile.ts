/** The formula file: what a closed form says of each operation, as expressions over the paper's notation. */
import { z } from 'zod';

/** What a formula may be code of ours by: its results are that code's. */
export const REFERENCES = ['published', 'ceiling', 'corner'] as const;
export type Reference = (typeof REFERENCES)[number];

/** Longer is no formula that somebody has written. */
const LONGEST_EXPRESSION = 20_000;
const MOST_RULES = 1000;

const expression = z.string().min(1).max(LONGEST_EXPRESSION);
const named = z.record(z.string().min(1), expression);
const bits = (memories: readonly string[]) => z.partialRecord(z.enum(memories as [string, ...string[]]), expression);

const ruleSchema = z.strictObject({
  description: z.string().optional(),
  for: z
    .union([z.string(), z.array(z.string()).min(1)], { error: 'the name of an operation, or a list of them' })
    .describe('Operations (systole list operations), SA or SIMD for all of an array, any for all; or a list of them.'),
  where: expression.optional().describe('A relation: the rule holds for layers of which it is true.'),
  let: named.default({}).describe('Values with names of their own, which the expressions of this rule may read.'),
  cycles: expression.describe('Total cycles of the layer.'),
  computeCycles: expression.optional().describe('Cycles in which the array computes; `cycles` may read it.'),
  stallCycles: expression.optional().describe('Cycles in which it waits; `cycles` may read it.'),
  dramBits: bits(['weight', 'ifmap', 'psum', 'ofmap', 'bias'])
    .optional()
    .describe('Off-chip traffic per tensor in bits. SIMD layers book loads as ifmap, stores as ofmap.'),
  sramBits: bits(['wbuf', 'ibuf', 'obuf', 'bbuf', 'vmem', 'imm', 'imem'])
    .optional()
    .describe('Reads and writes per SRAM in bits.'),
});

export const formulaSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    source: z.string().optional().describe('Where it is from: a paper and its equations, a tool and its file.'),
    let: named.default({}).describe('Values with names of their own, which all rules may read.'),
    rules: z
      .array(ruleSchema)
      .min(1)
      .max(MOST_RULES)
      .optional()
      .describe('The first that is for a layer, and whose `where` is true of it, says what it takes.'),
    reference: z.enum(REFERENCES).optional().describe('In place of rules: the code of ours that says it.'),
  })
  .meta({ title: 'Systole formula' });

/** A validated formula file; its expressions are not looked at yet. */
export type FormulaFile = Readonly<z.infer<typeof formulaSchema>>;
/** A rule of a formula file. */
export type FormulaRule = Readonly<z.infer<typeof ruleSchema>>;
