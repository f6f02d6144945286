/** The bounds file of a hunt: which operations, how far their numbers go, and what must hold of a layer. */
import { z } from 'zod';
import { BOUNDS, naturalUpTo } from './bounds.ts';

const whole = naturalUpTo(BOUNDS.statement);

/** Longer expressions are refused. */
const LONGEST_EXPRESSION = 10_000;
const relation = z.string().min(1).max(LONGEST_EXPRESSION);

export const huntBoundsSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    operations: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Operations by name (systole list operations), conv or gemm; all if left out.'),
    numbers: z
      .record(z.string(), z.union([whole, z.strictObject({ least: whole.optional(), most: whole.optional() })]))
      .default({})
      .describe(
        'How far numbers go, or at which value they stay: sizes (OC, IC, C, KH, KW, OH, OW, H, W, N images, G groups, strides S_h, S_w, dilations D_h, D_w), tile (0: the generator’s, 1: given), order (0: the paper’s loop order), b_in, b_out, and the numbers of the hardware file (slots.obuf). Others go as far as usual.',
      ),
    where: z
      .strictObject({
        SA: relation.optional().describe('Of convs and gemms.'),
        SIMD: relation.optional().describe('Of layers on the SIMD array.'),
      })
      .default({})
      .describe('Relations in the names of formulas: only layers of which they are true are looked at.'),
  })
  .meta({ title: 'Systole bounds of a hunt' });

/** A validated bounds file; its names and relations are not looked at yet. */
export type HuntBounds = Readonly<z.infer<typeof huntBoundsSchema>>;
