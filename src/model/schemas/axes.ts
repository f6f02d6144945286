/** The axes of one image. */
export const AXES = ['C', 'H', 'W'] as const;
export type Axis = (typeof AXES)[number];
